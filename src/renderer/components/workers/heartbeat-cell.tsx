import { formatClock, formatDuration } from '../../../shared/format';
import { isJudgedBySilence, type WorkerRow } from '../../../shared/model';
import { useEngineNow } from '../../context';
import { ageNow } from '../../logic/ages';
import { lastSignAgeMs } from '../../logic/rows';

/** The heartbeat's age, or that of the last sign of life where there is no heartbeat. */
export function HeartbeatCell({ row }: { row: WorkerRow }) {
  const now = useEngineNow();
  const ageMs = ageNow(lastSignAgeMs(row), row.judgedAt, now);
  if (ageMs === null || row.state === 'stopped') return <span className="dim">–</span>;
  const what = row.heartbeatAgeMs === null ? 'No heartbeat; last sign of life' : 'Heartbeat';
  const allowed = isJudgedBySilence(row)
    ? `; missing after ${formatDuration(row.heartbeatMissingMs)}, stale after ${formatDuration(row.heartbeatStaleMs)}`
    : '; not judged by it';
  return (
    <span className={heartbeatTone(row)} title={`${what} ${formatDuration(ageMs)} ago${allowed}`}>
      {formatClock(ageMs)}
    </span>
  );
}

function heartbeatTone(row: WorkerRow): string {
  if (!isJudgedBySilence(row)) return 'dim';
  if (row.needsPerson) return 'age-fault';
  if (row.health === 'late' && !row.snoozed) return 'age-late';
  return row.heartbeatAgeMs === null ? 'dim' : '';
}
