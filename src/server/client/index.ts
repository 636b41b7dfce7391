import type { IdleItems } from '../../engine/monitor-types';
import type { CommandArgs, CommandResult, DeskCommand, Focus, Reply, StreamEvents } from '../../shared/ipc';
import type { Asker, LoggedEvent, Snapshot, WorkerId, WorkerReport } from '../../shared/model';
import { ClientError } from './client-error';
import { eventStream } from './event-stream';
import { type EventsOptions, eventsOver } from './events';
import { type Address, createRequester } from './request';

export { ClientError, type Trouble } from './client-error';
export type { EventsOptions } from './events';
export type { Address } from './request';

/** What the desk's stream tells: first `open`, then the rest as it happens. */
export type StreamMessage = { [E in keyof StreamEvents]: { event: E; data: StreamEvents[E] } }[keyof StreamEvents];

export interface AskOptions {
  signal?: AbortSignal;
}

export interface InvokeOptions extends AskOptions {
  /** Who asks, for the audit log; without it: the API. */
  askedBy?: Asker;
}

/** A running engine, asked over its local API. Everything rejects with a ClientError, or with the reason of its signal. */
export interface Client {
  /** What the contract of src/shared/ipc.ts says. */
  invoke<C extends DeskCommand>(name: C, args: CommandArgs<C>, options?: InvokeOptions): Promise<CommandResult<C>>;
  snapshot(options?: AskOptions): Promise<Snapshot>;
  /** Null: there is no such worker. */
  worker(id: WorkerId, options?: AskOptions): Promise<WorkerReport | null>;
  /** Sessions and tasks that are idle or were ended for it. */
  idleItems(options?: AskOptions): Promise<IdleItems>;
  /** Tell what the viewer of a stream looks at. */
  focus(viewer: string, focus: Focus, options?: AskOptions): Promise<void>;
  /** One stream of the desk. It never ends well: throws once it is lost. */
  stream(options?: AskOptions): AsyncGenerator<StreamMessage>;
  /** Every event once and in its order, over lost streams and restarts. Throws where another try is no use. */
  events(options?: EventsOptions): AsyncGenerator<LoggedEvent>;
}

const ANSWER_TIMEOUT_MS = 10_000;
/** These are answered once they are done. */
const TAKE_THEIR_TIME: readonly DeskCommand[] = ['kill.execute', 'reap.plan', 'reap.execute', 'policy.backtest'];
/** Whoever else asks is the API. */
const SHELLS: readonly Asker[] = ['window', 'tray', 'cli'];
const DESK_EVENTS: readonly string[] = ['open', 'delta', 'settings', 'event', 'tell'] satisfies (keyof StreamEvents)[];

/** Nothing is asked before the first call, and nothing is left open after the last. */
export function createClient(address: Address): Client {
  const requester = createRequester(address);
  const get = (path: string, { signal }: AskOptions) =>
    requester.json('GET', path, { signal, timeoutMs: ANSWER_TIMEOUT_MS });

  return {
    async invoke(name, args, { askedBy, signal } = {}) {
      const reply = (await requester.json('POST', `/api/desk/${name}`, {
        body: args,
        headers: askedBy && SHELLS.includes(askedBy) ? { 'x-idlewatch-asked-by': askedBy } : {},
        signal,
        timeoutMs: TAKE_THEIR_TIME.includes(name) ? null : ANSWER_TIMEOUT_MS,
      })) as Reply<CommandResult<typeof name>>;
      if (reply.ok) return reply.value;
      throw new ClientError('refused', reply.message);
    },
    snapshot: async (options = {}) => (await get('/api/snapshot', options)) as Snapshot,
    async worker(id, options = {}) {
      try {
        return (await get(`/api/workers/${encodeURIComponent(id)}`, options)) as WorkerReport;
      } catch (error) {
        if (error instanceof ClientError && error.trouble === 'unknown') return null;
        throw error;
      }
    },
    async idleItems(options = {}) {
      const [{ sessions }, { tasks }] = await Promise.all([
        get('/api/idle/sessions', options) as Promise<Pick<IdleItems, 'sessions'>>,
        get('/api/idle/tasks', options) as Promise<Pick<IdleItems, 'tasks'>>,
      ]);
      return { sessions, tasks };
    },
    async focus(viewer, focus, { signal } = {}) {
      await requester.json('POST', '/api/desk/focus', {
        body: { viewer, focus },
        signal,
        timeoutMs: ANSWER_TIMEOUT_MS,
      });
    },
    async *stream({ signal } = {}) {
      for await (const { event = '', data } of eventStream(requester, {
        path: '/api/desk/stream',
        headers: {},
        signal,
      })) {
        if (DESK_EVENTS.includes(event)) yield { event, data: JSON.parse(data) } as StreamMessage;
      }
    },
    events: (options = {}) => eventsOver(requester, options),
  };
}
