import { harmless } from '../../../shared/format';
import { NOT_KEPT } from '../not-kept';
import type { HowEnded, Reading } from '../source';
import type { HolderLook } from './holders';
import type { TurnEnd } from './turns';

const REASON_MAX = 80;

/** How a turn ended, in a word or a sentence. */
export function endInWords(end: TurnEnd): string {
  if (end.kind === 'aborted') {
    return end.reason && end.reason !== 'interrupted' ? `Aborted: ${harmless(end.reason, REASON_MAX)}` : 'Interrupted';
  }
  return end.error ? `Ended with an error: ${end.error}` : 'Finished';
}

/** What became of a turn. Whoever sits before it interrupts it; null: it was never brought to an end. */
export function howEnded(end: TurnEnd | null): HowEnded {
  if (end === null) return 'gone';
  if (end.kind === 'aborted') return 'ended';
  return end.error === null ? 'finished' : 'failed';
}

/** What its holder tells of its process. One whose holder ended keeps its claim: the process itself tells that it is gone. */
export function existenceOf(holder: HolderLook): Pick<Reading, 'claim' | 'existence'> {
  switch (holder.known) {
    case 'held':
      return { claim: claimOf(holder.holder), existence: null };
    case 'left':
      return holder.hasEnded
        ? { claim: claimOf(holder.holder), existence: null }
        : {
            claim: null,
            existence: { liveness: 'gone', reason: `process ${holder.holder.pid} has closed its rollout` },
          };
    case 'nobody':
      return {
        claim: null,
        existence: {
          liveness: holder.searched === 'whole' ? 'gone' : 'unknown',
          reason: 'no process holds its rollout open',
        },
      };
    case 'unknown':
      return { claim: null, existence: { liveness: 'unknown', reason: holder.reason } };
  }
}

function claimOf({ pid, startTime, namedAt }: { pid: number; startTime: string; namedAt: number }): Reading['claim'] {
  return { pid, startTime, namedAt, from: 'report', why: 'it holds its rollout open for writing' };
}

/** A session keeps no heartbeat, and its silence is a fault only while a turn is open. */
export const NO_CLOCKS = {
  ...NOT_KEPT,
  problems: [],
  clockSkew: null,
  abort: null,
} satisfies Partial<Reading>;
