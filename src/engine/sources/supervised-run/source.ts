import { formatDuration, harmless } from '../../../shared/format';
import type { WorkerId } from '../../../shared/model';
import { livenessOf } from '../../observe/address';
import type { Files } from '../../ports';
import { isFinal, type RunRecord } from '../../run-registry';
import type { Leftover, Reading, Source, SourceContext, SourceListener } from '../source';
import { WorkerDirectory } from '../worker-directory/worker';
import { FollowedRun } from './run';
import { whyStillAlive } from './still-alive';
import { workerIdOf } from './target';

/** Finished runs are shown for a day, the newest of them; the reaper knows of all. */
const FINISHED_SHOWN = 50;
const FINISHED_SHOWN_MS = 86_400_000;

/** Commands started by `idlewatch run`: found in the run registry, followed in their worker directories. */
export function createSupervisedRunSource(context: SourceContext): Source {
  return new SupervisedRunSource(context);
}

class SupervisedRunSource implements Source {
  readonly kind = 'supervised-run';
  /** The folders that hold the runs' worker directories; none: nobody asked for runs. */
  #folders: string[] = [];
  #unreadable: string | null = null;
  #hasSwept = false;
  readonly #runs = new Map<WorkerId, FollowedRun>();

  constructor(private readonly context: SourceContext) {}

  setRoots(folders: string[]): void {
    this.#folders = folders;
  }

  /** Shown only where they cannot be read: nobody chose this directory. */
  roots() {
    const unreadable = this.#unreadable;
    return unreadable === null ? [] : this.#folders.map((path) => ({ path, workers: this.#runs.size, unreadable }));
  }

  *sweep(listener: SourceListener): Generator<void, void, void> {
    const shown = this.#folders.length ? this.#list() : [];
    if (!shown) return; // That the registry cannot be read says nothing of the runs.
    const seen = new Set<WorkerId>();
    for (const run of shown) {
      yield;
      const id = workerIdOf(run.id);
      seen.add(id);
      if (this.#runs.has(id)) continue;
      this.#runs.set(id, new FollowedRun(run, this.#folderOf(run), this.context, this.#hasSwept));
      listener.onFound(id);
    }
    this.#hasSwept = true;
    for (const id of [...this.#runs.keys()]) if (!seen.has(id)) this.#leave(id, listener);
  }

  look(id: WorkerId, depth: 'life' | 'full'): Reading | null {
    return this.#runs.get(id)?.look(depth) ?? null;
  }

  touched(id: WorkerId): boolean {
    return this.#runs.get(id)?.directory.touched() ?? false;
  }

  watchDirectories(id: WorkerId): string[] {
    const run = this.#runs.get(id);
    return run ? [run.directory.path] : [];
  }

  /** The heartbeat tells of the end as well, and that stands in the registry. */
  depthFor(id: WorkerId, name: string | null): 'life' | 'full' | 'none' {
    return this.#runs.get(id)?.directory.depthFor(name) === 'none' ? 'none' : 'full';
  }

  rootDirectories(): string[] {
    return this.#folders.filter((folder) => this.context.files.realPath(folder) !== null);
  }

  logTail(id: WorkerId, maxBytes: number) {
    return this.#runs.get(id)?.directory.logTail(maxBytes) ?? null;
  }

  forget(id: WorkerId): void {
    this.#runs.delete(id);
  }

  leftovers(): Leftover[] {
    const { runs, settings, files } = this.context;
    if (!this.#folders.length) return [];
    try {
      const now = runs.now();
      const finished = runs.list(['succeeded', 'failed', 'timed_out', 'killed']);
      const folders = this.#realFolders();
      return finished.flatMap((run) => {
        const root = folders.find((folder) => isPlaceOf(run, folder, files));
        const path = run.directory;
        // Where a link or nothing stands in its place, nothing of it is ours to remove.
        if (root === undefined || run.finishedAt === null || files.realPath(path) !== path) return [];
        return {
          workerId: workerIdOf(run.id),
          source: this.kind,
          name: harmless(run.name),
          path,
          root,
          finishedAt: run.finishedAt,
          finishedAgeMs: Math.max(0, now - run.finishedAt),
          ttlMs: settings().runTtlSecs * 1000,
          startedAt: run.startedAt,
        };
      });
    } catch {
      return []; // Said by roots(): what is not known is not removed.
    }
  }

  async whyNotFinished(id: WorkerId): Promise<string | null> {
    const { runs, processTable } = this.context;
    try {
      const run = runs.get(id.slice(workerIdOf('').length));
      if (!run) return 'it is not in the run registry';
      if (!isFinal(run.state)) return `it is ${run.state}`;
      if (run.child && livenessOf(processTable, run.child) === 'alive')
        return `its process ${run.child.pid} still lives`;
      return whyStillAlive(processTable, run.directory);
    } catch (error) {
      return `the run registry cannot be read: ${(error as Error).message}`;
    }
  }

  #list(): RunRecord[] | null {
    const { runs } = this.context;
    try {
      const now = runs.now();
      const [open, finished] = [[] as RunRecord[], [] as RunRecord[]];
      for (const run of runs.list()) (isFinal(run.state) ? finished : open).push(run);
      const recent = finished.filter(({ finishedAt }) => now - (finishedAt ?? 0) < FINISHED_SHOWN_MS);
      this.#unreadable = null;
      const folders = this.#realFolders();
      const isOurs = (run: RunRecord) => folders.some((folder) => isPlaceOf(run, folder, this.context.files));
      return [...open, ...recent.slice(0, FINISHED_SHOWN)].filter(isOurs);
    } catch (error) {
      this.#unreadable = `the run registry cannot be read: ${(error as Error).message}`;
      return null;
    }
  }

  #realFolders(): string[] {
    return this.#folders.map((folder) => this.context.files.realPath(folder) ?? folder);
  }

  #folderOf(run: RunRecord): WorkerDirectory {
    return new WorkerDirectory(workerIdOf(run.id), run.directory, 'supervised runs', this.context);
  }

  #leave(id: WorkerId, listener: SourceListener): void {
    const finishedAt = this.#runs.get(id)?.finishedAt ?? null;
    const ago = finishedAt === null ? '' : `Finished ${formatDuration(this.context.clock.wallMs() - finishedAt)} ago: `;
    this.forget(id);
    listener.onLeft(id, `${ago}shown no longer`);
  }
}

/** A registry may name anything: only what lies where our supervisor puts it is followed, let alone removed. */
function isPlaceOf({ id, directory }: RunRecord, folder: string, files: Files): boolean {
  return directory === files.resolve(folder, id) && files.parent(directory) === folder;
}
