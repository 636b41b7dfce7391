import type { Files } from '../../ports';
import { threadOf } from './parse';

/** Shown is what was written to so lately. */
export const SHOWN_FOR_MS = 24 * 3_600_000;
export const SESSIONS_MAX = 200;
/** More files than this are not looked at in one go, newest day first. */
const STATS_MAX = 3_000;
/** New sessions are begun in one of these: the clock may pass midnight, and another time zone may be told. */
const RECENT_DAYS = 2;

export interface FoundRollout {
  path: string;
  threadId: string;
  mtimeMs: number;
}

/** The rollouts below one `sessions` directory, by day, newest first. */
export class Rollouts {
  #seen = new Set<string>();
  /** Of days in which nothing was new, when they last got a file. */
  readonly #known = new Map<string, number>();

  constructor(
    readonly directory: string,
    private readonly files: Files,
  ) {}

  /** Those written to since `sinceMs` (wall time). Yields after every directory and every few files. */
  *find(sinceMs: number): Generator<void, FoundRollout[], void> {
    const found: FoundRollout[] = [];
    const seen = new Set<string>();
    let stats = 0;
    for (const day of this.#days()) {
      yield;
      for (const { path, threadId } of this.#rolloutsOf(day)) {
        seen.add(path);
        if (stats++ >= STATS_MAX) continue;
        if (stats % 16 === 0) yield;
        const stat = this.files.stat(path, this.directory);
        if (stat.ok && stat.mtimeMs >= sinceMs) found.push({ path, threadId, mtimeMs: stat.mtimeMs });
      }
      if (stats >= STATS_MAX) break;
    }
    this.#seen = seen;
    return found.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(0, SESSIONS_MAX);
  }

  /** Whether the last days hold one that was not there when they were last gone through. */
  hasNew(): boolean {
    let days = 0;
    for (const day of this.#days()) {
      if (days++ >= RECENT_DAYS) return false;
      const mtimeMs = this.files.mtimeMs(day) ?? 0;
      if (this.#known.get(day) === mtimeMs) continue;
      if (this.#rolloutsOf(day).some(({ path }) => !this.#seen.has(path))) return true;
      this.#known.set(day, mtimeMs);
    }
    return false;
  }

  *#days(): Generator<string, void, void> {
    for (const year of this.#numbered(this.directory)) {
      for (const month of this.#numbered(year)) yield* this.#numbered(month);
    }
  }

  /** Directories whose names are numbers, highest first. */
  #numbered(directory: string): string[] {
    const listing = this.files.list(directory);
    if (!listing.ok) return [];
    return listing.entries
      .filter(({ name, kind }) => kind === 'directory' && /^\d{2,4}$/.test(name))
      .map(({ name }) => name)
      .sort((a, b) => Number(b) - Number(a))
      .map((name) => this.files.resolve(directory, name));
  }

  #rolloutsOf(day: string): { path: string; threadId: string }[] {
    const listing = this.files.list(day);
    if (!listing.ok) return [];
    return listing.entries
      .flatMap(({ name, kind }) => {
        const threadId = kind === 'file' ? threadOf(name) : null;
        return threadId === null ? [] : [{ path: this.files.resolve(day, name), threadId, name }];
      })
      .sort((a, b) => (a.name < b.name ? 1 : -1));
  }
}
