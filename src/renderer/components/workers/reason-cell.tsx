import { isUnknown, type WorkerRow } from '../../../shared/model';
import { type Below, belowTrouble } from '../../logic/entries';
import { idleTag, idleWords, snoozedWords } from '../../logic/session-words';

/** Why a worker is in its state, in words; before them what else a person should know of it, in a few. */
export function ReasonCell({ row, below }: { row: WorkerRow; below: Below | null }) {
  const trouble = below && belowTrouble(below);
  const idle = row.idle && idleTag(row.idle);
  return (
    <td className="col-reason" title={row.reason}>
      {row.snoozed && <span className="tag">{snoozedWords(row, row.judgedAt)}</span>}
      {row.suggestion !== null && <span className="tag tag-suggested">end suggested</span>}
      {trouble && <span className={`tag tag-${trouble.state}`}>{trouble.words}</span>}
      {isUnknown(row) && <span className="tag">unknown</span>}
      {row.idle && idle && (
        <span className="tag" title={idleWords(row.idle, row.judgedAt)}>
          {idle}
        </span>
      )}
      {row.reason}
    </td>
  );
}
