import type { WorkerId } from '../../../shared/model';
import type { ProcessTable } from '../../ports';
import { RewrittenFile } from '../rewritten-file';
import type { Reading, Source, SourceContext, SourceListener } from '../source';
import { parseSession, type SessionRecord } from './parse';
import { REPLACED, Session } from './session';

const RECORD_MAX_BYTES = 64 * 1024;
const RECORDS_MAX = 4_096;
/** `<pid>.json`; beside them lie keys and records of older versions, which tell nothing. */
const RECORD_NAME = /^[1-9]\d{0,9}\.json$/;
/** What a program left behind that idlewatch never saw is shown for so long. */
const HISTORY_SHOWN_MS = 86_400_000;
/** No process tree between a session and the one it works for is deeper. */
const PARENT_DEPTH = 12;

const decoder = new TextDecoder();

interface Root {
  /** A configuration directory of Claude Code. */
  path: string;
  unreadable: string | null;
  ids: Set<WorkerId>;
  /** Real path of its `sessions`. */
  sessions: string | null;
}

/** Sessions of Claude Code, by the records each of its processes keeps in `sessions/<pid>.json`. */
export function createClaudeCodeSource(context: SourceContext): Source {
  return new ClaudeCodeSource(context);
}

class ClaudeCodeSource implements Source {
  readonly kind = 'claude-code';
  #roots: Root[] = [];
  readonly #sessions = new Map<WorkerId, Session>();
  readonly #byFile = new Map<string, Session>();
  /** Records that could not be read yet when they were found. */
  readonly #doubtful = new Map<string, RewrittenFile<SessionRecord>>();

  constructor(private readonly context: SourceContext) {}

  setRoots(paths: string[]): void {
    const before = new Map(this.#roots.map((root) => [root.path, root]));
    this.#roots = [...new Set(paths)].map(
      (path) => before.get(path) ?? { path, unreadable: null, ids: new Set(), sessions: null },
    );
  }

  roots() {
    return this.#roots.map(({ path, ids, unreadable }) => ({ path, workers: ids.size, unreadable }));
  }

  rootDirectories(): string[] {
    return this.#roots.flatMap(({ sessions }) => sessions ?? []);
  }

  *sweep(listener: SourceListener): Generator<void, void, void> {
    for (const root of this.#roots) yield* this.#sweepRoot(root, listener);
    const known = new Set(this.#roots.flatMap((root) => [...root.ids]));
    for (const id of [...this.#sessions.keys()]) {
      if (!known.has(id)) this.#leave(id, listener, 'Its directory is not watched any more');
    }
  }

  look(id: WorkerId, depth: 'life' | 'full'): Reading | null {
    return this.#sessions.get(id)?.look(depth) ?? null;
  }

  touched(id: WorkerId): boolean {
    return this.#sessions.get(id)?.touched() ?? false;
  }

  watchDirectories(id: WorkerId): string[] {
    const session = this.#sessions.get(id);
    if (!session) return [];
    return [this.context.files.parent(session.file.path), ...(session.transcripts?.directories ?? [])];
  }

  depthFor(id: WorkerId, name: string | null): 'full' | 'none' {
    const session = this.#sessions.get(id);
    if (!session) return 'none';
    const concerns =
      name === null || name === this.context.files.baseName(session.file.path) || session.transcripts?.concerns(name);
    return concerns ? 'full' : 'none';
  }

  logTail(id: WorkerId, maxBytes: number): { file: string; path: string; text: string } | null {
    const { files } = this.context;
    const { path, folder } = this.#sessions.get(id)?.transcripts ?? {};
    if (!path || !folder || !files.stat(path, folder).ok) return null;
    const got = files.read(path, folder, maxBytes, -maxBytes);
    return got.ok ? { file: files.baseName(path), path, text: decoder.decode(got.data) } : null;
  }

  forget(id: WorkerId): void {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    if (session && this.#byFile.get(session.file.path) === session) this.#byFile.delete(session.file.path);
    for (const root of this.#roots) root.ids.delete(id);
  }

  *#sweepRoot(root: Root, listener: SourceListener): Generator<void, void, void> {
    const { files } = this.context;
    const directory = files.realPath(files.resolve(root.path, 'sessions'));
    const listing = directory === null ? files.list(root.path) : files.list(directory);
    root.sessions = directory;
    if (!listing.ok) {
      // Its sessions are kept: that a directory cannot be read says nothing of them.
      root.unreadable = listing.problem === 'missing' ? 'there is no such directory' : listing.detail;
      return;
    }
    root.unreadable = null;
    const seen = new Set<string>();
    for (const { name, kind } of directory === null ? [] : listing.entries.slice(0, RECORDS_MAX)) {
      if (kind === 'directory' || !RECORD_NAME.test(name)) continue;
      yield;
      const path = files.resolve(directory ?? root.path, name);
      seen.add(path);
      this.#meet(path, root, listener);
    }
    for (const path of this.#doubtful.keys()) if (!seen.has(path)) this.#doubtful.delete(path);
    for (const id of [...root.ids]) this.#letGo(id, seen, listener);
  }

  /** Know the session whose record lies there. */
  #meet(path: string, root: Root, listener: SourceListener): void {
    const { files, clock } = this.context;
    const before = this.#byFile.get(path);
    const file =
      before?.file ??
      this.#doubtful.get(path) ??
      new RewrittenFile({
        ...{ path, within: files.parent(path), maxBytes: RECORD_MAX_BYTES, parse: parseSession, files, clock },
      });
    file.look();
    if (before) {
      if (!before.isReplaced) return;
      this.#leave(before.id, listener, REPLACED);
    }
    if (file.value === null && file.fault === null) {
      this.#doubtful.set(path, file);
      return;
    }
    this.#doubtful.delete(path);
    const session = this.#sessionIn(file, root);
    session.lookForProcess();
    if (session.isHistory && clock.wallMs() - (file.writtenAt ?? 0) > HISTORY_SHOWN_MS) return;
    this.#sessions.set(session.id, session);
    this.#byFile.set(path, session);
    root.ids.add(session.id);
    listener.onFound(session.id);
  }

  #sessionIn(file: RewrittenFile<SessionRecord>, root: Root): Session {
    const { files } = this.context;
    return new Session(this.#idFor(file), file, this.context, {
      projects: files.resolve(root.path, 'projects'),
      parentOf: (session) => this.#parentOf(session),
      isKnown: (sessionId) => [...this.#sessions.values()].some(({ record }) => record?.sessionId === sessionId),
    });
  }

  /** Two programs may go on with one session, and of a damaged record the session is not known. */
  #idFor({ path, value }: RewrittenFile<SessionRecord>): WorkerId {
    if (!value) return `${this.kind}:${path}`;
    const id: WorkerId = `${this.kind}:${value.sessionId}`;
    return this.#sessions.has(id) ? `${id}@${value.pid}` : id;
  }

  #parentOf(session: Session): WorkerId | null {
    const { processTable } = this.context;
    const byPid = new Map<number, Session>();
    for (const each of this.#sessions.values()) if (each.record && each.isAlive) byPid.set(each.record.pid, each);
    let pid = session.record ? parentPid(processTable, session.record.pid) : null;
    for (let depth = 0; depth < PARENT_DEPTH && pid !== null && pid > 1; depth += 1) {
      const found = byPid.get(pid);
      if (found && found !== session) return found.id;
      pid = parentPid(processTable, pid);
    }
    return null;
  }

  /** A session whose record is gone leaves once its process is gone too. */
  #letGo(id: WorkerId, seen: ReadonlySet<string>, listener: SourceListener): void {
    const session = this.#sessions.get(id);
    if (!session || seen.has(session.file.path)) return;
    if (session.lookForProcess() !== 'alive') this.#leave(id, listener, 'Its session has ended');
  }

  #leave(id: WorkerId, listener: SourceListener, why: string): void {
    this.forget(id);
    listener.onLeft(id, why);
  }
}

function parentPid(table: ProcessTable, pid: number): number | null {
  const look = table.inspect(pid);
  return look.liveness === 'alive' ? look.fact.ppid : null;
}
