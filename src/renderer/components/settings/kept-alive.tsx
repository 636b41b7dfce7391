import type { WorkerId } from '../../../shared/model';
import { useAppState } from '../../context';
import { sourceWord } from '../../logic/words';

interface Props {
  ids: readonly WorkerId[];
  labelledBy: string;
  describedBy: string;
  disabled: boolean;
  onChange: (ids: string[]) => void;
}

/** The workers that are kept alive, by name; by their id where they are not there now. */
export function KeptAlive({ ids, labelledBy, describedBy, disabled, onChange }: Props) {
  const workers = useAppState((state) => state.snapshot?.workers);
  if (!ids.length) return <p className="dim">None. Mark a worker in its panel.</p>;
  return (
    <ul className="kept" aria-labelledby={labelledBy} aria-describedby={describedBy}>
      {ids.map((id) => {
        const row = workers?.find((worker) => worker.id === id);
        const name = row?.name ?? id;
        return (
          <li key={id} title={id}>
            <span className="kept-name">{name}</span>
            <span className="dim">{row ? sourceWord(row.source) : 'not there now'}</span>
            <button
              type="button"
              className="link"
              disabled={disabled}
              aria-label={`Remove ${name}`}
              onClick={() => onChange(ids.filter((other) => other !== id))}
            >
              Remove
            </button>
          </li>
        );
      })}
    </ul>
  );
}
