import { formatDuration, harmless } from '../../../shared/format';
import type { WorkerId } from '../../../shared/model';
import type { ProcessIdentity } from '../../ports';
import { NOT_KEPT } from '../not-kept';
import type { Moment, Reading, SourceContext } from '../source';
import { newest, place } from '../worker-directory/moments';
import type { ServerAddress } from './api';
import type { ToolCall, Turn } from './events';
import type { Ask, SessionInfo, SessionStatus } from './parse';

const CALLS_MAX = 64;
/** A server that rests, or hangs on its model, uses 1 to 2.4 % of a core on a slow machine; one that reads a call 40 and more. */
const AT_WORK_PERCENT = 5;

/** The server a session was last heard of from. */
export interface Owner {
  readonly address: ServerAddress;
  /** Why nothing is known of its sessions now; null: it answers. */
  readonly unreadable: string | null;
  /** It is gone, and nothing of it is waited for: that it does not answer is no fault. */
  readonly hasEnded: boolean;
  /** Another server that has the same sessions may go on with them. */
  readonly isLost: boolean;
  /** Its process, where it runs here and was found. */
  readonly process: ProcessIdentity | null;
  /** What is not understood of its answers, to be told once. */
  takeNotice(): string | null;
}

export function workerIdOf(sessionId: string): WorkerId {
  return `opencode:${sessionId}`;
}

/** One session: what its server told of it. */
export class Session {
  readonly id: WorkerId;
  status: SessionStatus = { type: 'idle' };
  readonly asks = new Map<string, Ask>();
  /** When it began what it is busy with. */
  busySince: Moment | null = null;
  /** Last sign of its work. */
  active: Moment;
  /** When it was last told what it is at, on the monotonic clock: an older answer tells less. */
  toldMs = Number.NEGATIVE_INFINITY;
  /** It is busy since before anybody listened: what it is at has to be asked. */
  isUnheard = false;
  readonly #calls = new Map<string, { call: ToolCall; started: Moment }>();
  #statusSince: Moment;
  #newActivity = 0;

  constructor(
    public info: SessionInfo,
    public owner: Owner,
    private readonly context: SourceContext,
  ) {
    this.id = workerIdOf(info.id);
    this.active = this.#moment(info.updatedAt);
    this.#statusSince = this.active;
  }

  get isBusy(): boolean {
    return this.status.type !== 'idle';
  }

  get asksAnything(): boolean {
    return this.asks.size > 0;
  }

  /** Take over what it is at; true where that is another thing than before. `isHeard`: as it happened. */
  tell(status: SessionStatus, isHeard: boolean): boolean {
    const before = this.status;
    this.status = status;
    const now = this.#moment(null);
    if (status.type === 'idle') {
      this.busySince = null;
      this.isUnheard = false;
      this.#calls.clear();
      this.asks.clear();
    } else if (before.type === 'idle') {
      this.busySince = now;
      // Also where its beginning was missed, it is given the whole time from now on until more is known.
      this.active = now;
      this.isUnheard = !isHeard;
    }
    const isNews = JSON.stringify(before) !== JSON.stringify(status);
    if (before.type !== status.type) this.#statusSince = now;
    return isNews;
  }

  noteActivity(): void {
    this.active = this.#moment(null);
    this.#newActivity += 1;
  }

  noteCall(call: ToolCall, isRunning: boolean): void {
    this.noteActivity();
    if (!isRunning) this.#calls.delete(call.id);
    else if (this.#calls.has(call.id) || this.#calls.size < CALLS_MAX)
      this.#calls.set(call.id, { call, started: this.#moment(call.startedAt) });
  }

  /** What its newest messages tell, for what was not heard. */
  noteTurn({ beganAt, activeAt, running }: Turn): void {
    this.isUnheard = false;
    if (beganAt !== null) this.busySince = this.#moment(beganAt);
    if (activeAt !== null) this.active = this.#moment(activeAt);
    this.#calls.clear();
    for (const call of running.slice(0, CALLS_MAX))
      this.#calls.set(call.id, { call, started: this.#moment(call.startedAt) });
  }

  /** `helpers`: the sessions that work for it, directly or not. `isAlone`: it is at work, and nobody else in its server. */
  look(helpers: readonly Session[], isAlone: boolean): Reading {
    const { info, owner } = this;
    const { settings, files } = this.context;
    const team = [this, ...helpers.filter(({ isBusy, asksAnything }) => isBusy || asksAnything)];
    const { sessionMaxRunMinutes, session_stale_secs } = settings();
    const isWaiting = team.some(({ asksAnything }) => asksAnything);
    const newActivity = this.#newActivity;
    this.#newActivity = 0;
    const notice = owner.takeNotice();
    const active = newest(team.map((each) => each.active));
    return {
      ...NO_CLOCKS,
      id: this.id,
      name: info.title,
      path: files.realPath(info.directory) ?? info.directory,
      unreadable:
        owner.unreadable === null || owner.hasEnded ? null : `its server ${owner.address.shown}: ${owner.unreadable}`,
      declared: owner.hasEnded ? 'stopped' : isWaiting ? 'waiting' : this.isBusy ? 'busy' : 'ready',
      stoppedReason: owner.hasEnded ? 'Its server has ended' : null,
      asks: this.#question(team),
      ...this.#commands(team),
      progress: this.isBusy && active ? { ...active, from: 'report' } : null,
      existence: existenceIn(owner),
      runTime:
        this.busySince && sessionMaxRunMinutes !== null
          ? { started: this.busySince, limitMs: sessionMaxRunMinutes * 60_000 }
          : null,
      staleMs: session_stale_secs * 1000,
      worksIn: isAlone && owner.process ? { process: owner.process, atWorkPercent: AT_WORK_PERCENT } : null,
      parentId: info.parentId === null ? null : workerIdOf(info.parentId),
      usage: info.usage,
      traces: this.#traces(team),
      notices: notice === null ? [] : [notice],
      attachCommand: owner.hasEnded ? null : `opencode attach ${owner.address.shown} --session ${info.id}`,
      abort: {
        server: owner.address.url,
        serverName: owner.address.shown,
        sessionId: info.id,
        directory: info.directory,
        helpers: helpers.map((helper) => helper.info.id),
        busySince: this.busySince?.at ?? null,
        activeAt: this.active.at,
        serverProcess: owner.process,
      },
      newActivity,
    };
  }

  /** The first thing it asks, else what a session that works for it does. */
  #question(team: readonly Session[]): string | null {
    const asking = team.find(({ asksAnything }) => asksAnything);
    const [ask] = asking?.asks.values() ?? [];
    if (!asking || !ask) return null;
    return asking === this ? ask.text : `${ask.text} (asked by “${asking.info.title}”, which works for it)`;
  }

  /** Its longest command, and until when its commands may be silent by their own word. */
  #commands(team: readonly Session[]): Pick<Reading, 'command' | 'silentUntil'> {
    const calls = team.flatMap((each) => [...each.#calls.values()]).filter(({ call }) => !call.isDelegation);
    const [first] = calls.toSorted((a, b) => a.started.monotonicMs - b.started.monotonicMs);
    const allowed = calls.flatMap(({ call, started }) => (call.timeoutMs === null ? [] : started.at + call.timeoutMs));
    return {
      command: first ? { label: first.call.label, started: first.started } : null,
      silentUntil: allowed.length ? Math.max(...allowed) : null,
    };
  }

  #traces(team: readonly Session[]): Reading['traces'] {
    const { status, owner } = this;
    const traces: Reading['traces'] = [
      { kind: 'report', text: this.#says(), moment: this.#statusSince, fault: status.type === 'retry' },
      { kind: 'report', text: `last work that ${owner.address.shown} told of`, moment: this.active, fault: false },
    ];
    const others = team.length - 1;
    if (others > 0) {
      const moment = newest(team.slice(1).map(({ active }) => active));
      const names = team.slice(1).map(({ info }) => `“${info.title}”`);
      traces.push({ kind: 'report', text: harmless(`at work for it: ${names.join(', ')}`, 300), moment, fault: false });
    }
    return traces;
  }

  #says(): string {
    const { status, owner } = this;
    if (owner.hasEnded) return `its server ${owner.address.shown} has ended`;
    if (status.type !== 'retry') return `says ${status.type}`;
    const next = status.nextAt === null ? '' : `, again ${inWords(status.nextAt - this.context.clock.wallMs())}`;
    return `its model failed ${status.attempt} times in a row: “${status.message}”${next}`;
  }

  #moment(at: number | null): Moment {
    const { clock, settings } = this.context;
    return place(clock, at ?? clock.wallMs(), settings().clockSkewToleranceMs).moment;
  }
}

function existenceIn({ address, unreadable, hasEnded }: Owner): Reading['existence'] {
  if (hasEnded) return { liveness: 'gone', reason: `its server ${address.shown} has ended` };
  return unreadable === null
    ? { liveness: 'alive', reason: `its server ${address.shown} answers` }
    : { liveness: 'unknown', reason: unreadable };
}

function inWords(inMs: number): string {
  return inMs < 1000 ? 'now' : `in ${formatDuration(inMs)}`;
}

/** A session keeps no heartbeat, and its silence alone is no fault. It lives in its server, which is no process of it. */
const NO_CLOCKS = {
  ...NOT_KEPT,
  runId: 'OpenCode',
  role: null,
  problems: [],
  clockSkew: null,
  task: null,
  claim: null,
  files: [],
  againInMs: null,
  doubtful: false,
} satisfies Partial<Reading>;
