import { natureOf, SOURCE_KINDS } from '../../../shared/model';
import { type MinutesDraft, minutesFaults } from '../../logic/kinds-form';
import { sourceWords } from '../../logic/words';
import { LengthField } from './length-field';

interface Props {
  draft: MinutesDraft;
  labelledBy: string;
  describedBy: string;
  disabled: boolean;
  /** The whole was refused: the fields to blame are marked. */
  refused: boolean;
  onChange: (draft: MinutesDraft) => void;
}

/** A length for each kind that has sessions or tasks; empty: none of its own. */
export function MinutesTable({ draft, labelledBy, describedBy, disabled, refused, onChange }: Props) {
  const faults = refused ? minutesFaults(draft) : null;
  return (
    <table className="policy" aria-labelledby={labelledBy} aria-describedby={describedBy}>
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">Idle after (min)</th>
        </tr>
      </thead>
      <tbody>
        {SOURCE_KINDS.filter((kind) => hasIdleOnes(kind) || draft[kind] !== '').map((kind) => (
          <tr key={kind}>
            <th scope="row">{sourceWords(kind)}</th>
            <td>
              <LengthField
                label={`${sourceWords(kind)}: idle after, in minutes`}
                unit="min"
                value={draft[kind]}
                placeholder="as above"
                disabled={disabled}
                invalid={faults?.has(kind) ?? false}
                onChange={(text) => onChange({ ...draft, [kind]: text })}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Of worker directories it is their inbox entries. */
function hasIdleOnes(kind: (typeof SOURCE_KINDS)[number]): boolean {
  return natureOf(kind) !== 'worker' || kind === 'worker-directory';
}
