import { harmless } from '../../../shared/format';
import type { WorkerId } from '../../../shared/model';
import { isWithin } from '../../observe/belonging';
import type { Leftover, Reading, Source, SourceContext, SourceListener } from '../source';
import { whyInUse } from './in-use';
import { isPlausibleTime, parseWorkbenchName } from './parse';
import { RoutineFiles } from './routine-files';
import { least, type RoutineLimits } from './routines';
import { type SessionLook, Sessions } from './sessions';
import { Workbench } from './workbench';

const REFRESH_MS = 5_000;
/** No setting and no routine allows more. */
const CEILING_SECS = 3_600;

const decoder = new TextDecoder();

interface Root {
  path: string;
  unreadable: string | null;
  ids: Set<WorkerId>;
  /** Its real path, for file events. */
  real: string | null;
}

/** Directories `{slug}-{unix seconds}` in which a routine's agent works in a tmux session of its own. */
export function createWorkbenchSource(context: SourceContext): Source {
  return new WorkbenchSource(context);
}

class WorkbenchSource implements Source {
  readonly kind = 'workbench';
  readonly refreshIntervalMs = REFRESH_MS;
  #roots: Root[] = [];
  readonly #workbenches = new Map<WorkerId, Workbench>();
  /** How many of them would have a session of that name. */
  readonly #namesakes = new Map<string, number>();
  readonly #sessions: Sessions;
  readonly #routines: RoutineFiles;
  /** By the leftovers told last: whatever is written after that makes one unfinished. */
  readonly #writtenAt = new Map<WorkerId, string>();

  constructor(private readonly context: SourceContext) {
    const { multiplexer, clock, files, routinesDirectory } = context;
    this.#sessions = new Sessions(multiplexer, clock, REFRESH_MS);
    this.#routines = new RoutineFiles(routinesDirectory, files, clock);
  }

  setRoots(paths: string[]): void {
    const before = new Map(this.#roots.map((root) => [root.path, root]));
    this.#roots = [...new Set(paths)].map(
      (path) => before.get(path) ?? { path, unreadable: null, ids: new Set(), real: null },
    );
  }

  roots() {
    return this.#roots.map(({ path, ids, unreadable }) => ({ path, workers: ids.size, unreadable }));
  }

  rootDirectories(): string[] {
    return this.#roots.flatMap(({ real }) => real ?? []);
  }

  /** Null where nobody named a directory of workbenches: no program is started for nothing. */
  refresh(): Promise<WorkerId[]> | null {
    return this.#roots.length ? this.#ask() : null;
  }

  *sweep(listener: SourceListener): Generator<void, void, void> {
    for (const root of this.#roots) yield* this.#sweepRoot(root, listener);
    const known = new Set(this.#roots.flatMap((root) => [...root.ids]));
    for (const id of [...this.#workbenches.keys()]) if (!known.has(id)) this.#leave(id, listener);
  }

  look(id: WorkerId): Reading | null {
    return this.#workbenches.get(id)?.look() ?? null;
  }

  touched(id: WorkerId): boolean {
    return this.#workbenches.get(id)?.touched() ?? false;
  }

  watchDirectories(id: WorkerId): string[] {
    const workbench = this.#workbenches.get(id);
    return workbench ? [workbench.path] : [];
  }

  depthFor(_id: WorkerId, name: string | null): 'full' | 'none' {
    return name === null || name === 'agent.log' || name === 'exit_code' ? 'full' : 'none';
  }

  logTail(id: WorkerId, maxBytes: number): { file: string; path: string; text: string } | null {
    const { files } = this.context;
    const workbench = this.#workbenches.get(id);
    if (!workbench || !files.stat(workbench.logPath, workbench.path).ok) return null;
    const got = files.read(workbench.logPath, workbench.path, maxBytes, -maxBytes);
    return got.ok
      ? { file: files.baseName(workbench.logPath), path: workbench.logPath, text: decoder.decode(got.data) }
      : null;
  }

  forget(id: WorkerId): void {
    const workbench = this.#workbenches.get(id);
    if (workbench) this.#countName(workbench, -1);
    this.#workbenches.delete(id);
    this.#writtenAt.delete(id);
    for (const root of this.#roots) root.ids.delete(id);
  }

  ended(id: WorkerId): void {
    const workbench = this.#workbenches.get(id);
    if (workbench) this.#sessions.ended(workbench.sessionName);
  }

  leftovers(): Leftover[] {
    const now = this.context.clock.wallMs();
    const over = [...this.#workbenches.values()].filter(({ isOver }) => isOver);
    return over.map((workbench) => {
      const { id, path, parsed } = workbench;
      this.#writtenAt.set(id, workbench.writtenAt());
      const finishedAt = workbench.finishedAt();
      return {
        workerId: id,
        source: this.kind,
        name: harmless(parsed.slug),
        path,
        root: this.context.files.parent(path),
        finishedAt,
        finishedAgeMs: Math.max(0, now - finishedAt),
        ttlMs: this.#limits(parsed.slug).ttlMs,
        startedAt: parsed.triggeredAt,
      };
    });
  }

  async whyNotFinished(id: WorkerId): Promise<string | null> {
    const workbench = this.#workbenches.get(id);
    if (!workbench) return 'it is not watched any more';
    if (!isPlausibleTime(workbench.parsed)) return 'the number in its name is not the time of a run';
    if (!workbench.hasTraces()) return 'neither an agent.log nor an exit_code shows that a run worked in it';
    const listing = await this.context.multiplexer.sessions();
    if (!listing.ok) return `whether its tmux session lives is not known: ${listing.reason}`;
    const { sessionName, path, parsed, panePids } = workbench;
    if (listing.sessions.some(({ name }) => name === sessionName)) return 'its tmux session lives';
    if (!workbench.isOver) return `it is not known to be over: ${workbench.whyNotOver}`;
    const writtenAt = this.#writtenAt.get(id);
    if (writtenAt !== undefined && writtenAt !== workbench.writtenAt()) return 'it was written to just now';
    return whyInUse(this.context.processTable, { path, triggeredAt: parsed.triggeredAt, panePids });
  }

  async #ask(): Promise<WorkerId[]> {
    this.#routines.refresh();
    await this.#sessions.refresh();
    return [...this.#workbenches.values()].filter((workbench) => workbench.hasNews()).map(({ id }) => id);
  }

  #limits(slug: string): { maxRuntimeMs: number; ownMaxRuntimeMs: number | null; ttlMs: number } {
    const { workbenchMaxRuntimeSecs, workbenchTtlSecs } = this.context.settings();
    const routine: RoutineLimits = this.#routines.limitsOf(slug);
    const shortest = (setting: number, own: number | null) => 1000 * (least(Math.min(setting, CEILING_SECS), own) ?? 0);
    return {
      maxRuntimeMs: shortest(workbenchMaxRuntimeSecs, routine.maxRuntimeSecs),
      ownMaxRuntimeMs: routine.maxRuntimeSecs === null ? null : routine.maxRuntimeSecs * 1000,
      ttlMs: shortest(workbenchTtlSecs, routine.ttlSecs),
    };
  }

  #sessionOf(workbench: Workbench, sinceMs: number): SessionLook {
    const found = this.#sessions.find(workbench.sessionName, sinceMs);
    if (found.known !== 'alive' || (this.#namesakes.get(workbench.sessionName) ?? 0) < 2) return found;
    const { processTable } = this.context;
    const works = found.session.panePids.some((pid) => {
      const cwd = processTable.workingDirectory(pid);
      return cwd !== null && isWithin(cwd, workbench.path);
    });
    return works ? found : { known: 'unknown', reason: 'several workbenches could have the session of this name' };
  }

  /** tmux makes one name of `a.b-1` and `a:b-1`, and two directories may hold workbenches of one name. */
  #countName({ sessionName }: Workbench, change: 1 | -1): void {
    this.#namesakes.set(sessionName, (this.#namesakes.get(sessionName) ?? 0) + change);
    if (this.#namesakes.get(sessionName) === 0) this.#namesakes.delete(sessionName);
  }

  *#sweepRoot(root: Root, listener: SourceListener): Generator<void, void, void> {
    const { files } = this.context;
    const listing = files.list(root.path);
    if (!listing.ok) {
      // Its workbenches are kept: that a directory cannot be read says nothing of them.
      root.unreadable = listing.problem === 'missing' ? 'there is no such directory' : listing.detail;
      return;
    }
    root.unreadable = null;
    root.real = files.realPath(root.path) ?? root.path;
    const seen = new Set<WorkerId>();
    for (const { name, kind } of listing.entries) {
      yield;
      const id = kind === 'directory' ? this.#meet(root.real, name, listener) : null;
      if (id) seen.add(id);
    }
    root.ids = seen;
  }

  #meet(root: string, name: string, listener: SourceListener): WorkerId | null {
    const { files } = this.context;
    const parsed = parseWorkbenchName(name);
    if (!parsed) return null;
    const path = files.resolve(root, name);
    const id: WorkerId = `${this.kind}:${path}`;
    if (this.#workbenches.has(id)) return id;
    const around = {
      sessionOf: (workbench: Workbench, sinceMs: number) => this.#sessionOf(workbench, sinceMs),
      maxRuntimeMs: (slug: string) => this.#limits(slug).maxRuntimeMs,
      ownMaxRuntimeMs: (slug: string) => this.#limits(slug).ownMaxRuntimeMs,
    };
    const workbench = new Workbench(id, path, parsed, files.baseName(root), this.context, around);
    this.#workbenches.set(id, workbench);
    this.#countName(workbench, 1);
    listener.onFound(id);
    return this.#workbenches.has(id) ? id : null; // It may be gone again by the first look at it.
  }

  #leave(id: WorkerId, listener: SourceListener): void {
    const path = this.#workbenches.get(id)?.path;
    const isThere = path !== undefined && this.context.files.realPath(path) === path;
    this.forget(id);
    listener.onLeft(id, isThere ? 'Its directory is not watched any more' : 'Its directory is gone');
  }
}
