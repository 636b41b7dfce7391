import { SOURCE_KINDS } from '../../../shared/model';
import { inOrder } from '../../logic/kinds-form';
import { sourceWords } from '../../logic/words';

interface Props {
  kinds: readonly string[];
  labelledBy: string;
  describedBy: string;
  disabled: boolean;
  onChange: (kinds: string[]) => void;
}

/** Some of the kinds of workers: a box to tick for each. */
export function KindChecks({ kinds, labelledBy, describedBy, disabled, onChange }: Props) {
  return (
    <ul className="kinds" aria-labelledby={labelledBy} aria-describedby={describedBy}>
      {SOURCE_KINDS.map((kind) => (
        <li key={kind}>
          <label>
            <input
              type="checkbox"
              disabled={disabled}
              checked={kinds.includes(kind)}
              onChange={({ target }) =>
                onChange(target.checked ? inOrder([...kinds, kind]) : kinds.filter((other) => other !== kind))
              }
            />{' '}
            {sourceWords(kind)}
          </label>
        </li>
      ))}
    </ul>
  );
}
