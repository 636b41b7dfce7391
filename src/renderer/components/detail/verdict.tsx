import { capitalised } from '../../../shared/format';
import type { WorkerRow } from '../../../shared/model';
import { allowedSilence, formatTime, rowSign } from '../../logic/words';
import { Mark } from '../mark';

/** The verdict in words, and the silence this worker is allowed. */
export function Verdict({ row }: { row: WorkerRow }) {
  const sign = rowSign(row);
  const allowed = allowedSilence(row);
  return (
    <div className={`verdict verdict-${sign.tone}`}>
      <p className={`verdict-title tone-${sign.tone}`}>
        <Mark sign={sign} />
        {capitalised(row.state)} since {formatTime(row.since, row.judgedAt)}
        {row.snoozed && <span className="tag">snoozed until it changes</span>}
      </p>
      <p>{row.reason}</p>
      {allowed !== null && <p className="verdict-allowed">Allowed: {allowed}</p>}
    </div>
  );
}
