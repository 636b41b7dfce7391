import { formatBytes, harmless, plural } from '../../shared/format';
import type { ReapCandidate, ReapReceipt } from '../../shared/model';

export interface Unremoved {
  candidate: ReapCandidate;
  why: string;
}

type ReceiptInput = Pick<ReapReceipt, 'planId' | 'askedBy' | 'startedAt' | 'tookMs'> & {
  removed: ReapCandidate[];
  failed: Unremoved[];
};

/** Put into words what was removed, and what was not. */
export function reapReceipt({ removed, failed, ...about }: ReceiptInput): ReapReceipt {
  return {
    ...about,
    removed: removed.map(({ name, path, bytes }) => ({ name, path, bytes })),
    failed: failed.map(({ candidate: { name, path }, why }) => ({ name, path, why: harmless(why, 500) })),
    summary: summaryOf(removed, failed),
  };
}

function summaryOf(removed: ReapCandidate[], failed: Unremoved[]): string {
  if (removed.length + failed.length === 0) return 'There was nothing to remove.';
  const bytes = removed.reduce((total, candidate) => total + (candidate.bytes ?? 0), 0);
  const done = removed.length
    ? `${plural(removed.length, 'finished directory was', 'finished directories were')} removed (${formatBytes(bytes)})`
    : 'Nothing was removed';
  const [first, ...others] = failed;
  if (!first) return `${done}.`;
  const more = others.length ? `, and ${plural(others.length, 'other', 'others')}` : '';
  return `${done}; ${failed.length} not: ${harmless(first.candidate.name)} (${harmless(first.why, 300)})${more}.`;
}
