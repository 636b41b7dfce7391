import type { EventSourceMessage } from 'eventsource-parser';
import type {
  Bridge,
  CommandArgs,
  CommandName,
  CommandResult,
  Focus,
  Pushes,
  PushName,
  StreamEvents,
} from '../../shared/ipc';
import type { Snapshot } from '../../shared/model';
import { applyDelta, newPicture } from '../../shared/snapshot';
import { type PageApi, SignedOut } from './api';

/** After the first failure, and at most, with twice as long each time. */
const RETRY_MS = { first: 500, most: 15_000 };

export interface PageBridgeOptions {
  api: Pick<PageApi, 'invoke' | 'focus' | 'follow'>;
  /** The page: nothing is asked or followed while nobody sees it. */
  page: Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;
  copy(text: string): Promise<void>;
  /** The server has moved, and will be here no more: the page goes after it, or what is returned says why not. */
  onMoved(was: string, is: string): string | null;
  /** The session has ended: nothing is asked any more. */
  onSignedOut(): void;
}

export interface PageBridge extends Bridge {
  close(): void;
}

/**
 * The window's bridge in a browser: commands are posted, the picture comes over one stream.
 *
 * The picture is kept here as the stream tells it, so that `snapshot.get` is answered with what the next delta follows.
 * A stream that breaks is opened again; the window is told `lost` meanwhile, and afterwards a delta that follows
 * nothing, which it answers by asking for the full picture. Asking for that while the stream is lost tries at once.
 */
export function createPageBridge({ api, page, copy, onMoved, onSignedOut }: PageBridgeOptions): PageBridge {
  const listeners: { [P in PushName]: Set<(payload: Pushes[P]) => void> } = {
    ...{ delta: new Set(), settings: new Set(), lost: new Set() },
    ...{ select: new Set(), askKill: new Set(), askReap: new Set() },
  };
  let stream: AbortController | null = null;
  let retry: ReturnType<typeof setTimeout> | null = null;
  let failures = 0;
  let isClosed = false;
  /** While the stream is open. */
  let open: { viewer: string; snapshot: Snapshot } | null = null;
  /** The window wants a picture. */
  let isWanted = false;
  let focus: Focus = { visible: [], selected: null };
  /** Of the server, as the stream told it last. */
  let address: string | null = null;
  /** Why the connection will be lost. */
  let farewell: string | null = null;
  const askers: { resolve(snapshot: Snapshot): void; reject(error: Error): void }[] = [];

  function push<P extends PushName>(name: P, payload: Pushes[P]): void {
    for (const listener of listeners[name]) listener(payload);
  }

  function connect(): void {
    stopWaiting();
    if (stream || isClosed || page.hidden) return;
    const mine = new AbortController();
    stream = mine;
    api
      .follow((event) => !mine.signal.aborted && receive(event), mine.signal)
      .catch((error: Error) => {
        if (!mine.signal.aborted) lose(error);
      });
  }

  function stopWaiting(): void {
    if (retry) clearTimeout(retry);
    retry = null;
  }

  /** Let go of the stream, whoever ends it. */
  function disconnect(): void {
    stream?.abort();
    stream = null;
    open = null;
  }

  function lose(error: Error): void {
    disconnect();
    if (error instanceof SignedOut) {
      onSignedOut();
      return;
    }
    const waitMs = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** failures);
    failures += 1;
    retry = setTimeout(connect, waitMs);
    push('lost', farewell ?? error.message);
    for (const { reject } of askers.splice(0)) reject(error);
  }

  function receive({ event, data }: EventSourceMessage): void {
    if (event === 'open') begin(JSON.parse(data));
    else if (event === 'settings') noteSettings(JSON.parse(data));
    else if (event === 'delta') follow(JSON.parse(data));
  }

  function begin({ viewer, snapshot, settings }: StreamEvents['open']): void {
    open = { viewer, snapshot };
    failures = 0;
    address = settings.doors.api;
    farewell = null;
    void tellFocus();
    push('lost', null);
    push('settings', settings);
    if (!askers.length) push('delta', newPicture(snapshot));
    for (const { resolve } of askers.splice(0)) resolve(snapshot);
  }

  function noteSettings(settings: StreamEvents['settings']): void {
    const is = settings.doors.api;
    if (address !== null && is !== null && is !== address) farewell = onMoved(address, is);
    address = is;
    push('settings', settings);
  }

  function follow(delta: StreamEvents['delta']): void {
    if (!open) return;
    const next = applyDelta(open.snapshot, delta);
    if (next) {
      open.snapshot = next;
      push('delta', delta);
      return;
    }
    disconnect();
    connect();
  }

  /** A stream that has broken meanwhile is told the focus when it is opened again. */
  async function tellFocus(): Promise<void> {
    if (open) await api.focus(open.viewer, focus).catch(() => {});
  }

  function picture(): Promise<Snapshot> {
    if (open) return Promise.resolve(open.snapshot);
    isWanted = true;
    return new Promise((resolve, reject) => {
      askers.push({ resolve, reject });
      connect();
    });
  }

  async function ask<C extends CommandName>(name: C, args: CommandArgs<C>): Promise<CommandResult<C>> {
    try {
      return await api.invoke(name, args);
    } catch (error) {
      if (error instanceof SignedOut && !isClosed) onSignedOut();
      throw error;
    }
  }

  /** What is answered here, and not by the engine. */
  const own: { [C in CommandName]?: (...args: CommandArgs<C>) => Promise<CommandResult<C>> } = {
    'snapshot.get': picture,
    'view.focus': (next) => {
      focus = next;
      return tellFocus();
    },
    'clipboard.write': copy,
    'worker.openFolder': refuse,
    'worker.openLog': refuse,
  };

  function onVisibility(): void {
    if (page.hidden) {
      stopWaiting();
      disconnect();
    } else if (isWanted) connect();
  }
  page.addEventListener('visibilitychange', onVisibility);

  return {
    shell: 'page',
    platform: 'web',
    invoke<C extends CommandName>(name: C, ...args: CommandArgs<C>): Promise<CommandResult<C>> {
      const answer = own[name] as ((...all: CommandArgs<C>) => Promise<CommandResult<C>>) | undefined;
      return answer ? answer(...args) : ask(name, args);
    },
    on(name, listener) {
      listeners[name].add(listener);
      return () => void listeners[name].delete(listener);
    },
    close() {
      isClosed = true;
      page.removeEventListener('visibilitychange', onVisibility);
      stopWaiting();
      disconnect();
    },
  };
}

async function refuse(): Promise<never> {
  throw new Error('a browser opens nothing on the machine idlewatch runs on');
}
