import type { CommandEnd } from '../command-runner';
import type { Clock, Logger } from '../ports';
import type { RunChange, RunRegistry, RunSpool } from '../run-registry';
import { wordsOf } from './words';

/** What a run's end looks like, but for what others asked for. */
export function endOf(
  { exitCode, signal }: CommandEnd,
  timedOut: string | null,
): RunChange & { reason: string | null } {
  if (timedOut !== null) return { state: 'timed_out', exitCode, signal, reason: timedOut };
  if (exitCode === 0) return { state: 'succeeded', exitCode, signal, reason: null };
  const reason = signal === null ? `exit code ${exitCode}` : `ended by ${signal}`;
  return { state: 'failed', exitCode, signal, reason };
}

/** For the last heartbeat: `Succeeded`, `Failed with exit code 3`, `Failed: ended by SIGSEGV`, `timed out after 20 s`, `ended from the tray (…)`. */
export function farewellOf({ state, exitCode, reason }: RunChange): string {
  if (state === 'succeeded') return 'Succeeded';
  if (state === 'timed_out') return reason ?? 'timed out';
  if (state === 'killed') return reason ?? 'ended from idlewatch';
  return typeof exitCode === 'number' && reason === `exit code ${exitCode}`
    ? `Failed with exit code ${exitCode}`
    : `Failed: ${reason}`;
}

export interface LastWordOptions {
  runs: RunRegistry;
  spool: RunSpool;
  clock: Clock;
  log: Logger;
}

const RETRY_AFTER_MS = [100, 400, 1_600];

/**
 * Write a run's final state into the registry; a run whose end was asked for through idlewatch is `killed`. After some
 * tries it goes into the spool, from where the next start brings it to the registry, and a person is told. Returns what
 * was written; never rejects.
 */
export async function writeLastWord(id: string, change: RunChange, options: LastWordOptions): Promise<RunChange> {
  const { runs, spool, clock, log } = options;
  for (let tries = 0; ; tries += 1) {
    try {
      return await runs.change(id, ({ endRequested }) =>
        endRequested === null || change.state === 'timed_out'
          ? change
          : { ...change, state: 'killed', reason: endRequested },
      );
    } catch (error) {
      const waitMs = RETRY_AFTER_MS[tries];
      if (waitMs === undefined) {
        log.warn(`Status update failed after retries: ${wordsOf(error)}. ${keep()}`);
        return change;
      }
      await new Promise<void>((done) => clock.after(waitMs, done));
    }
  }

  function keep(): string {
    try {
      spool.put(id, change);
      return `That the run is ${change.state} is kept, and written at the next start.`;
    } catch (error) {
      return `It cannot be kept for the next start either: ${wordsOf(error)}.`;
    }
  }
}
