import type { Files } from '../../ports';
import type { Moment } from '../source';
import { newest } from './moments';
import type { TraceFile } from './trace-file';

const LOGS_MAX = 16;
const LOGS_COMPARED_MAX = 1_000;

/** Follows the newest logs of one worker: one that begins a new log every hour has many. */
export class LogFiles {
  /** By name. */
  readonly #logs = new Map<string, TraceFile>();
  /** When the newest of those that are not followed any more last grew. */
  #pastGrown: Moment | null = null;

  constructor(
    private readonly files: Files,
    private readonly directory: string,
    private readonly makeTrace: (path: string) => TraceFile,
  ) {}

  /** Follow these from now on, or the newest of them. */
  follow(names: string[]): void {
    const chosen = new Set(names.length > LOGS_MAX ? this.#newestOf(names).slice(0, LOGS_MAX) : names);
    for (const [name, log] of this.#logs) {
      if (chosen.has(name)) continue;
      this.#pastGrown = newest([this.#pastGrown, log.grown]);
      this.#logs.delete(name);
    }
    for (const name of chosen) {
      if (!this.#logs.has(name)) this.#logs.set(name, this.makeTrace(this.files.resolve(this.directory, name)));
    }
  }

  get traces(): TraceFile[] {
    return [...this.#logs.values()];
  }

  /** When any log last grew, be it followed still or not. */
  get grown(): Moment | null {
    return newest([this.#pastGrown, ...this.traces.map((log) => log.grown)]);
  }

  /** The path of the one that grew last, for its tail. */
  get newestPath(): string | null {
    const logs = this.traces.filter((log) => log.exists);
    const grown = newest(logs.map((log) => log.grown));
    return (logs.find((log) => log.grown === grown) ?? logs[0])?.path ?? null;
  }

  #newestOf(names: string[]): string[] {
    const aged = names
      .slice(0, LOGS_COMPARED_MAX)
      .map((name) => ({ name, mtimeMs: this.files.mtimeMs(this.files.resolve(this.directory, name)) ?? 0 }));
    return aged.sort((a, b) => b.mtimeMs - a.mtimeMs).map(({ name }) => name);
  }
}
