import type { KeyboardEvent, RefObject } from 'react';
import type { SourceKind } from '../../../shared/model';
import { useApp, useAppState } from '../../context';
import { CHIPS, type Chip, chipCounts, isOneKind, type KindFilter } from '../../logic/rows';
import { sourceWords } from '../../logic/words';

const CHIP_WORDS: Record<Chip, string> = {
  all: 'All',
  stalled: 'Stalled',
  waiting: 'Waiting',
  busy: 'Busy',
  ready: 'Ready',
  stopped: 'Stopped',
};
const CHIP_HINTS: Partial<Record<Chip, string>> = { stalled: 'stalled or dead', busy: 'busy or starting' };

interface Props {
  inputRef: RefObject<HTMLInputElement | null>;
  /** The kinds of workers there are. */
  kinds: readonly SourceKind[];
  shown: number;
  toFirstRow: () => void;
}

/** Filter by state with one click, by kind where there are several, by text from the `/` key. */
export function FilterBar({ inputRef, kinds, shown, toFirstRow }: Props) {
  const { store, actions } = useApp();
  const chip = useAppState((state) => state.chip);
  const text = useAppState((state) => state.filterText);
  const states = useAppState((state) => state.snapshot?.counts);
  const counts = states ? chipCounts(states) : null;

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.key === 'Escape' && store.getState().filterText) {
      event.stopPropagation();
      actions.setFilterText('');
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      event.currentTarget.blur();
    } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault();
      toFirstRow();
    }
  }

  return (
    <div className="filters">
      <fieldset className="chips">
        <legend className="visually-hidden">Filter by state</legend>
        {CHIPS.map((name) => (
          <button
            key={name}
            type="button"
            className="chip"
            aria-pressed={chip === name}
            title={CHIP_HINTS[name]}
            onClick={() => actions.setChip(name)}
          >
            {CHIP_WORDS[name]} {(counts?.[name] ?? 0).toLocaleString('en')}
          </button>
        ))}
      </fieldset>
      <KindSelect kinds={kinds} />
      {text && <span className="dim shown">{shown} shown</span>}
      <input
        ref={inputRef}
        className="field filter-field"
        type="search"
        placeholder="Filter  /"
        aria-label="Filter workers by text"
        spellCheck={false}
        value={text}
        onChange={(event) => actions.setFilterText(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

/** All kinds in groups or in one list, or one kind. A kind that is chosen and has gone stays offered, to be taken back. */
function KindSelect({ kinds }: { kinds: readonly SourceKind[] }) {
  const { actions } = useApp();
  const kind = useAppState((state) => state.kind);
  if (kinds.length < 2 && !isOneKind(kind)) return null;
  const offered = !isOneKind(kind) || kinds.includes(kind) ? kinds : [...kinds, kind];
  return (
    <select
      className="field kind-field"
      aria-label="Kinds of workers"
      value={kind}
      onChange={(event) => actions.setKind(event.target.value as KindFilter)}
    >
      <option value="grouped">By kind</option>
      <option value="one-list">One list</option>
      {offered.map((each) => (
        <option key={each} value={each}>
          {sourceWords(each)}
        </option>
      ))}
    </select>
  );
}
