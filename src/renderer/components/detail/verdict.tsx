import { capitalised } from '../../../shared/format';
import { isUnknown, type WorkerRow } from '../../../shared/model';
import { stateWord } from '../../../shared/state-words';
import { snoozedWords } from '../../logic/session-words';
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
        {row.state === 'waiting' ? 'Waits for you' : capitalised(stateWord(row))} since{' '}
        {formatTime(row.since, row.judgedAt)}
        {isUnknown(row) && <span className="tag">unknown</span>}
        {row.snoozed && <span className="tag">{snoozedWords(row, row.judgedAt)}</span>}
      </p>
      <p className={row.state === 'waiting' ? 'verdict-ask' : undefined}>{row.reason}</p>
      {allowed !== null && <p className="verdict-allowed">Allowed: {allowed}</p>}
    </div>
  );
}
