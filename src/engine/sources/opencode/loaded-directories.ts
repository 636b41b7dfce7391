import type { SessionInfo } from './parse';

/** More than these nobody works in at a time. */
const DIRECTORIES_MAX = 32;
/** Where it is not known what the server has loaded since it began. */
const GUESSED_MAX = 8;

/** The directories a server has loaded. Only these are asked for: it would load any other to answer. */
export class LoadedDirectories {
  /** Those heard of last come last. */
  readonly #directories = new Set<string>();

  all(): string[] {
    return [...this.#directories];
  }

  add(directory: string): void {
    this.#directories.delete(directory);
    this.#directories.add(directory);
    const [oldest] = this.#directories;
    if (this.#directories.size > DIRECTORIES_MAX && oldest !== undefined) this.#directories.delete(oldest);
  }

  delete(directory: string): void {
    this.#directories.delete(directory);
  }

  /** Where there was work since the server began, it has loaded. `sessions`: newest first; `beganAt`: null where unknown. */
  guess(sessions: readonly SessionInfo[], beganAt: number | null): void {
    const worked = sessions.filter(({ updatedAt }) => updatedAt >= (beganAt ?? 0)).map(({ directory }) => directory);
    const newest = [...new Set(worked)].slice(0, beganAt === null ? GUESSED_MAX : DIRECTORIES_MAX);
    for (const directory of newest.reverse()) this.add(directory);
  }
}
