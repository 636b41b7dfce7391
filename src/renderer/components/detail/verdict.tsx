import { formatDuration } from '../../../shared/format';
import { isJudgedBySilence, type WorkerRow } from '../../../shared/model';
import { capitalised, formatTime, rowSign } from '../../logic/words';
import { Mark } from '../mark';

/** The verdict in words, and the silence this worker is allowed. */
export function Verdict({ row }: { row: WorkerRow }) {
  const sign = rowSign(row);
  const judgedBySilence = isJudgedBySilence(row) && row.state !== 'stopped' && row.state !== 'starting';
  return (
    <div className={`verdict verdict-${sign.tone}`}>
      <p className={`verdict-title tone-${sign.tone}`}>
        <Mark sign={sign} />
        {capitalised(row.state)} since {formatTime(row.since, row.judgedAt)}
        {row.snoozed && <span className="tag">snoozed until it changes</span>}
      </p>
      <p>{row.reason}</p>
      {judgedBySilence && (
        <p className="verdict-allowed">
          Allowed: {formatDuration(row.heartbeatMissingMs)} of silence, {formatDuration(row.heartbeatStaleMs)} without
          progress
        </p>
      )}
    </div>
  );
}
