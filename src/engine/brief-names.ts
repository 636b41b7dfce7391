import type { WorkerId } from '../shared/model';

/** A named process that ends sooner than this after its naming was named briefly. */
export const BRIEF_MS = 120_000;
/** So many in a row are a habit. */
const HABIT = 2;

/**
 * Knows the workers that name whatever wrote the heartbeat: a hook or a script that ends at once, beat for beat. That
 * such a process is gone says nothing of its worker.
 */
export class BriefNames {
  readonly #names = new Map<WorkerId, { sinceMs: number; brief: number }>();

  /** The worker names another process, or its first. `hasEnded`: the one named before is gone by now. */
  renamed(id: WorkerId, nowMs: number, hasEnded: boolean): void {
    const before = this.#names.get(id);
    const wasBrief = before !== undefined && hasEnded && nowMs - before.sinceMs < BRIEF_MS;
    this.#names.set(id, { sinceMs: nowMs, brief: wasBrief ? before.brief + 1 : 0 });
  }

  /** Whether the process named now is likely to be one more of them: one that has lasted is not. */
  isHabit(id: WorkerId, nowMs: number): boolean {
    const name = this.#names.get(id);
    return name !== undefined && name.brief >= HABIT && nowMs - name.sinceMs < BRIEF_MS;
  }

  forget(id: WorkerId): void {
    this.#names.delete(id);
  }
}
