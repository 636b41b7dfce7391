import { formatDuration } from '../../../shared/format';
import { HISTORY_RANGES } from '../../../shared/model';
import { useApp, useAppState } from '../../context';
import { RANGE_WORDS } from '../../logic/history';
import type { OverTime } from '../../logic/series';

/** How far back the charts look, and what one of their points stands for. */
export function RangeSwitch({ over }: { over: OverTime }) {
  const { history } = useApp();
  const chosen = useAppState((state) => state.chartRange);
  // Those beside a gap may be shorter.
  const spanMs = Math.max(0, ...over.points.map((point) => point.spanMs));
  return (
    <fieldset className="range">
      <legend className="visually-hidden">How far back the charts look</legend>
      {spanMs > 0 && <span className="range-note">Mean and peak of every {formatDuration(spanMs)}</span>}
      {HISTORY_RANGES.map((range) => (
        <label key={range}>
          <input
            className="visually-hidden"
            type="radio"
            name="chart-range"
            checked={range === chosen}
            onChange={() => history.choose(range)}
          />
          {RANGE_WORDS[range].short}
        </label>
      ))}
    </fieldset>
  );
}
