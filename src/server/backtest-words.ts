import { formatDuration } from '../shared/format';
import type { Silence } from '../shared/model';

const SILENT: Record<Silence['clock'], string> = {
  missing: 'No sign of life',
  stale: 'Busy without progress',
  command: 'A command without progress',
  run_time: 'Running',
};

const OUTCOMES: Record<Silence['end'], string> = {
  life: 'went on by itself',
  finished: 'ended well',
  failed: 'failed',
  gone: 'was gone',
  ended: 'was ended all the same',
  unknown: 'was still silent when idlewatch stopped watching',
};

/** `No sign of life for 8 min: would have been ended after 6 min, and went on by itself 2 min later`. */
export function caseText({ clock, silentFrom, lengthMs, end, endedAt }: Silence, wouldEndAt: number): string {
  const [afterMs, laterMs] = [wouldEndAt - silentFrom, endedAt - wouldEndAt];
  const silent = `${SILENT[clock]} for ${formatDuration(lengthMs)}`;
  const later = end === 'unknown' ? '' : ` ${formatDuration(laterMs)} later`;
  return `${silent}: would have been ended after ${formatDuration(afterMs)}, and ${OUTCOMES[end]}${later}`;
}
