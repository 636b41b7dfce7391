import type { WorkerId } from '../../../shared/model';
import type { Reading, Source, SourceListener } from '../source';
import { SPEC_NAME } from './spec-file';
import { WorkerDirectory, type WorkerDirectoryContext } from './worker';

interface Root {
  path: string;
  unreadable: string | null;
  ids: Set<WorkerId>;
  /** The directory that holds the workers, for file events. */
  holds: string | null;
  /** Directories in it that are no worker yet, for file events: a worker begins with an empty one. */
  empty: string[];
}

/** More directories without a worker than this are no workers about to begin. */
const EMPTY_MAX = 64;

/** Workers that keep a directory with `worker-spec.json`, `heartbeat.json`, `inbox.jsonl` and so on. */
export function createWorkerDirectorySource(context: WorkerDirectoryContext): Source {
  return new WorkerDirectorySource(context);
}

class WorkerDirectorySource implements Source {
  readonly kind = 'worker-directory';
  #roots: Root[] = [];
  readonly #workers = new Map<WorkerId, WorkerDirectory>();

  constructor(private readonly context: WorkerDirectoryContext) {}

  setRoots(paths: string[]): void {
    const before = new Map(this.#roots.map((root) => [root.path, root]));
    this.#roots = [...new Set(paths)].map(
      (path) => before.get(path) ?? { path, unreadable: null, ids: new Set(), holds: null, empty: [] },
    );
  }

  roots() {
    return this.#roots.map(({ path, ids, unreadable }) => ({ path, workers: ids.size, unreadable }));
  }

  *sweep(listener: SourceListener): Generator<void, void, void> {
    for (const root of this.#roots) yield* this.#sweepRoot(root, listener);
    const known = new Set(this.#roots.flatMap((root) => [...root.ids]));
    for (const id of [...this.#workers.keys()]) if (!known.has(id)) this.#leave(id, listener);
  }

  look(id: WorkerId, depth: 'life' | 'full'): Reading | null {
    return this.#workers.get(id)?.look(depth) ?? null;
  }

  watchDirectories(id: WorkerId): string[] {
    const worker = this.#workers.get(id);
    return worker ? [worker.path] : [];
  }

  touched(id: WorkerId): boolean {
    return this.#workers.get(id)?.touched() ?? false;
  }

  depthFor(id: WorkerId, name: string | null): 'life' | 'full' | 'none' {
    return this.#workers.get(id)?.depthFor(name) ?? 'none';
  }

  rootDirectories(): string[] {
    return this.#roots.flatMap(({ holds, empty }) => (holds ? [holds, ...empty.slice(0, EMPTY_MAX)] : []));
  }

  logTail(id: WorkerId, maxBytes: number): { file: string; path: string; text: string } | null {
    return this.#workers.get(id)?.logTail(maxBytes) ?? null;
  }

  forget(id: WorkerId): void {
    this.#workers.delete(id);
    for (const root of this.#roots) root.ids.delete(id);
  }

  *#sweepRoot(root: Root, listener: SourceListener): Generator<void, void, void> {
    const found = this.#resolve(root);
    if (!found) return;
    const seen = new Set<WorkerId>();
    const empty: string[] = [];
    for (const path of found.candidates) {
      yield;
      const id = this.#meet(path, found.runId, listener);
      if (id) seen.add(id);
      else empty.push(path);
    }
    root.ids = seen;
    root.empty = empty;
  }

  /** What the path is now: a state directory, a directory of worker directories, or one worker directory. */
  #resolve(root: Root): { candidates: string[]; runId: string } | null {
    const { files } = this.context;
    const top = files.list(root.path);
    if (!top.ok) {
      // Its workers are kept: that a directory cannot be read says nothing of them.
      root.unreadable = top.problem === 'missing' ? 'there is no such directory' : top.detail;
      return null;
    }
    const path = files.realPath(root.path) ?? root.path;
    const isWorker = top.entries.some(({ name }) => name === SPEC_NAME || name === 'heartbeat.json');
    const hasWorkers = top.entries.some(({ name, kind }) => name === 'workers' && kind !== 'file');
    const here = files.baseName(path);
    const above = files.baseName(files.parent(path));
    if (hasWorkers) return this.#directories(root, files.resolve(path, 'workers'), here);
    if (isWorker) {
      root.unreadable = null;
      root.holds = null;
      const state = above === 'workers' ? files.baseName(files.parent(files.parent(path))) : above;
      return { candidates: [path], runId: state };
    }
    return this.#directories(root, path, here === 'workers' ? above : here);
  }

  #directories(root: Root, path: string, runId: string): { candidates: string[]; runId: string } | null {
    const { files } = this.context;
    const listing = files.list(path);
    root.unreadable = listing.ok ? null : `workers/: ${listing.detail}`;
    if (!listing.ok) return null;
    const holds = files.realPath(path) ?? path;
    root.holds = holds;
    const names = listing.entries.filter(({ kind }) => kind === 'directory').map(({ name }) => name);
    return { candidates: names.map((name) => files.resolve(holds, name)), runId };
  }

  /** Know the worker in a directory, if there is one. A known one stays until its directory is gone. */
  #meet(path: string, runId: string, listener: SourceListener): WorkerId | null {
    const id: WorkerId = `${this.kind}:${path}`;
    if (this.#workers.has(id)) return id;
    if (!this.#isWorker(path)) return null;
    this.#workers.set(id, new WorkerDirectory(id, path, runId, this.context));
    listener.onFound(id);
    return this.#workers.has(id) ? id : null; // It may be gone again by the first look at it.
  }

  /** A spec or a heartbeat makes a directory a worker, however broken either is. */
  #isWorker(path: string): boolean {
    const { files } = this.context;
    return [SPEC_NAME, 'heartbeat.json'].some((name) => {
      const stat = files.stat(files.resolve(path, name), path);
      return stat.ok || stat.problem !== 'missing';
    });
  }

  #leave(id: WorkerId, listener: SourceListener): void {
    const path = this.#workers.get(id)?.path;
    const isThere = path !== undefined && this.context.files.realPath(path) === path;
    this.forget(id);
    listener.onLeft(id, isThere ? 'Its directory is not watched any more' : 'Its directory is gone');
  }
}
