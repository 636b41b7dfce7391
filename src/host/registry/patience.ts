import { setTimeout as wait } from 'node:timers/promises';
import { isBusy } from '../sqlite/errors';

/** A lock is waited for this long in all, in several tries. */
const LOCK_PATIENCE_MS = 5_000;

/** Try again while another program writes; each try waits a moment by itself. For programs that may stand still. */
export function whileLocked<T>(run: () => T): T {
  const end = performance.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
    }
  }
}

/** The same between other work. */
export async function whileLockedAsync<T>(run: () => T): Promise<T> {
  const end = performance.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
    }
    await jitter(50);
  }
}

/** Wait between half of `ms` and `ms`, so that those who met once do not meet again. */
export async function jitter(ms: number): Promise<void> {
  await wait(ms * (0.5 + Math.random() / 2));
}
