import { capitalised, formatDuration } from '../../../shared/format';
import type { RunRecord } from '../../run-registry';
import type { HowEnded } from '../source';

/** What became of a finished run. */
export function howEnded({ state }: RunRecord): HowEnded {
  if (state === 'succeeded') return 'finished';
  if (state === 'timed_out') return 'timed_out';
  return state === 'killed' ? 'ended' : 'failed';
}

/** What became of a finished run, in words: `Failed with exit code 3 after 2 min`. */
export function outcomeOf(run: RunRecord): string {
  const took = run.finishedAt === null ? '' : ` after ${formatDuration(run.finishedAt - run.startedAt)}`;
  switch (run.state) {
    case 'succeeded':
      return `Succeeded${took}`;
    case 'timed_out':
      return run.reason?.startsWith('timed out')
        ? capitalised(run.reason)
        : `Timed out: ${run.reason ?? `ended${took}`}`;
    case 'killed':
      return run.reason ? capitalised(run.reason) : `Ended from idlewatch${took}`;
    default:
      return `Failed: ${run.reason ?? howItEnded(run)}${run.reason ? '' : took}`;
  }
}

function howItEnded({ exitCode, signal }: RunRecord): string {
  if (signal !== null) return `ended by ${signal}`;
  return exitCode === null ? 'how it ended is not known' : `exit code ${exitCode}`;
}
