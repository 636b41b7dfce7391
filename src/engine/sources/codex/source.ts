import type { WorkerId } from '../../../shared/model';
import type { PushListener, Reading, Source, SourceContext, SourceListener } from '../source';
import { Holders } from './holders';
import { Rollouts, SHOWN_FOR_MS } from './rollouts';
import { RunningCalls } from './running-calls';
import { CodexSession, type SessionSurroundings } from './session';

const REFRESH_MS = 2_000;

interface Root {
  /** Codex's own directory, as given. */
  path: string;
  unreadable: string | null;
  rollouts: Rollouts | null;
  ids: Set<WorkerId>;
}

/** Sessions of Codex, by the rollouts in `sessions/YYYY/MM/DD` of its directory. */
export function createCodexSource(context: SourceContext): Source {
  return new CodexSource(context);
}

class CodexSource implements Source {
  readonly kind = 'codex';
  readonly refreshIntervalMs = REFRESH_MS;
  #roots: Root[] = [];
  readonly #sessions = new Map<WorkerId, CodexSession>();
  /** Met by a sweep that was broken off before it told of them, or is under way. */
  readonly #untold = new Set<WorkerId>();
  readonly #holders: Holders;
  readonly #calls: RunningCalls;
  #listener: PushListener | null = null;
  /** What each was last known to be, beside its file. */
  readonly #told = new Map<WorkerId, string>();

  constructor(private readonly context: SourceContext) {
    this.#holders = new Holders(context.processTable, context.clock);
    this.#calls = new RunningCalls(context.processTable);
  }

  setRoots(paths: string[]): void {
    const before = new Map(this.#roots.map((root) => [root.path, root]));
    this.#roots = [...new Set(paths)].map(
      (path) => before.get(path) ?? { path, unreadable: null, rollouts: null, ids: new Set() },
    );
  }

  roots() {
    return this.#roots.map(({ path, ids, unreadable }) => ({ path, workers: ids.size, unreadable }));
  }

  *sweep(listener: SourceListener): Generator<void, void, void> {
    for (const root of this.#roots) yield* this.#sweepRoot(root, listener);
    const known = new Set(this.#roots.flatMap((root) => [...root.ids]));
    for (const id of [...this.#sessions.keys()]) {
      if (!known.has(id)) this.#leave(id, 'Its directory is not watched any more', listener);
    }
  }

  look(id: WorkerId): Reading | null {
    const session = this.#sessions.get(id);
    const reading = session?.look() ?? null;
    if (session) this.#told.set(id, this.#telling(session));
    return reading;
  }

  touched(id: WorkerId): boolean {
    const session = this.#sessions.get(id);
    return session !== undefined && (session.touched() || this.#told.get(id) !== this.#telling(session));
  }

  watchDirectories(id: WorkerId): string[] {
    const session = this.#sessions.get(id);
    return session ? [this.context.files.parent(session.path)] : [];
  }

  /** The sessions of a day share a directory. */
  depthFor(id: WorkerId, name: string | null): 'full' | 'none' {
    const session = this.#sessions.get(id);
    if (!session) return 'none';
    return name === null || session.path.endsWith(name) ? 'full' : 'none';
  }

  /** None: every line of every session would be an event there. New ones are noticed by `refresh`. */
  rootDirectories(): string[] {
    return [];
  }

  logTail(id: WorkerId, maxBytes: number): { file: string; path: string; text: string } | null {
    return this.#sessions.get(id)?.tail(maxBytes) ?? null;
  }

  forget(id: WorkerId): void {
    const session = this.#sessions.get(id);
    if (session) this.#holders.forget(session.path);
    this.#sessions.delete(id);
    this.#untold.delete(id);
    this.#told.delete(id);
    for (const root of this.#roots) root.ids.delete(id);
  }

  connect(listener: PushListener): void {
    this.#listener = listener;
  }

  disconnect(): void {
    this.#listener = null;
  }

  /** Null where nobody uses Codex. */
  refresh(): Promise<WorkerId[]> | null {
    return this.#roots.length ? Promise.resolve(this.#refreshNow()) : null;
  }

  #refreshNow(): WorkerId[] {
    // Whether a directory that cannot be gone through has become readable is left to the sweep.
    if (this.#roots.some(({ rollouts }) => rollouts?.hasNew())) this.#listener?.appeared();
    const present = [...this.#sessions.values()].filter(({ isPast }) => !isPast);
    this.#askProcesses(present);
    const changed = present.filter(({ id }) => this.touched(id));
    return [...new Set(changed.flatMap((session) => this.#withParent(session)))];
  }

  #askProcesses(sessions: CodexSession[]): void {
    this.#holders.ask(sessions.map(({ held }) => held));
    this.#calls.ask(
      sessions.flatMap(({ held, askingCalls }) => {
        if (!askingCalls.length) return [];
        const holder = this.#holders.of(held);
        return [{ pid: holder.known === 'held' ? holder.holder.pid : null, calls: askingCalls }];
      }),
    );
  }

  /** What of a session stands in no file of its own. */
  #telling(session: CodexSession): string {
    return JSON.stringify([this.#holders.of(session.held), session.doubt()]);
  }

  /** A sub-agent's work and doubts are its parent's as well. */
  #withParent({ id, meta }: CodexSession): WorkerId[] {
    const parent = meta?.parentThreadId ? this.#byThread(meta.parentThreadId) : null;
    return parent && parent.id !== id ? [id, parent.id] : [id];
  }

  #byThread(threadId: string): CodexSession | null {
    for (const session of this.#sessions.values()) if (session.threadId === threadId) return session;
    return null;
  }

  *#sweepRoot(root: Root, listener: SourceListener): Generator<void, void, void> {
    const rollouts = this.#openRoot(root);
    if (!rollouts) return;
    const since = this.context.clock.wallMs() - SHOWN_FOR_MS;
    const found = yield* rollouts.find(since);
    for (const { path, threadId } of found) this.#meet(path, threadId, rollouts.directory);
    const fresh = found.filter(({ path }) => this.#untold.has(idOf(path)));
    for (const { path } of fresh) {
      this.#sessions.get(idOf(path))?.read();
      yield;
    }
    if (fresh.length) this.#askProcesses([...this.#sessions.values()]);
    const before = root.ids;
    root.ids = new Set(found.map(({ path }) => idOf(path)));
    for (const id of before) {
      if (root.ids.has(id)) continue;
      yield;
      const why = this.#whyLeaves(id, since);
      if (why === null) root.ids.add(id);
      else this.#leave(id, why, listener);
    }
    for (const { path } of fresh) {
      yield;
      if (this.#untold.delete(idOf(path))) listener.onFound(idOf(path));
    }
  }

  #openRoot(root: Root): Rollouts | null {
    const { files } = this.context;
    const listing = files.list(root.path);
    if (!listing.ok) {
      // Its sessions are kept: that a directory cannot be read says nothing of them.
      root.unreadable = listing.problem === 'missing' ? 'there is no such directory' : listing.detail;
      return null;
    }
    const directory = files.resolve(files.realPath(root.path) ?? root.path, 'sessions');
    const sessions = files.list(directory);
    root.unreadable = sessions.ok || sessions.problem === 'missing' ? null : `sessions: ${sessions.detail}`;
    if (root.unreadable) return null;
    if (root.rollouts?.directory !== directory) root.rollouts = new Rollouts(directory, files);
    return root.rollouts;
  }

  #meet(path: string, threadId: string, within: string): void {
    const id = idOf(path);
    if (this.#sessions.has(id)) return;
    const around: SessionSurroundings = {
      holderOf: (file) => this.#holders.of(file),
      hasRun: (callId) => this.#calls.hasRun(callId),
      idOf: (thread) => this.#byThread(thread)?.id ?? null,
      childrenOf: (thread) => [...this.#sessions.values()].filter(({ meta }) => meta?.parentThreadId === thread),
    };
    this.#untold.add(id);
    this.#sessions.set(id, new CodexSession(id, path, threadId, within, this.context, around));
  }

  /** Null: it stays. One that is held open does, however long it has been silent. */
  #whyLeaves(id: WorkerId, since: number): string | null {
    const { files } = this.context;
    const session = this.#sessions.get(id);
    const stat = session && files.stat(session.path, files.parent(session.path));
    if (!session || (!stat?.ok && stat?.problem === 'missing')) return 'Its rollout is gone';
    const { known } = this.#holders.of(session.held);
    if (known === 'held' || known === 'unknown' || !stat?.ok) return null;
    return stat.mtimeMs < since ? 'Nothing was written to it for a day' : 'Newer sessions are shown in its place';
  }

  #leave(id: WorkerId, why: string, listener: SourceListener): void {
    this.forget(id);
    listener.onLeft(id, why);
  }
}

function idOf(path: string): WorkerId {
  return `codex:${path}`;
}
