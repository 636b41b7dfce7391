import { plural } from '../../../shared/format';
import type { WorkerId } from '../../../shared/model';
import { useApp } from '../../context';
import { type Below, belowTrouble } from '../../logic/entries';
import { STATE_SIGNS } from '../../logic/words';
import { Mark } from '../mark';
import { FoldArrow } from './fold-arrow';

/** Shows a worker's sub-agents, or folds them away; says how many there are, and by its mark whether one needs an eye. */
export function BelowButton({ id, name, below }: { id: WorkerId; name: string; below: Below }) {
  const { actions } = useApp();
  const count = plural(below.count, 'sub-agent', 'sub-agents');
  const trouble = belowTrouble(below);
  return (
    <button
      type="button"
      className="below"
      tabIndex={-1}
      aria-expanded={below.open}
      aria-label={`${count} of ${name}`}
      title={trouble?.words ?? count}
      onClick={(event) => {
        event.stopPropagation();
        actions.toggleBelow(id);
      }}
    >
      <FoldArrow open={below.open} />
      {trouble && <Mark sign={STATE_SIGNS[trouble.state]} />}
      {below.count}
    </button>
  );
}
