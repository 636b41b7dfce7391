import { memo } from 'react';
import { formatBytes } from '../../../shared/format';
import type { SourceKind } from '../../../shared/model';
import { SHOWN } from '../../../shared/state-words';
import type { GroupEntry } from '../../logic/entries';
import { formatPercent, ROW_SIGNS, sourceWords } from '../../logic/words';
import { Mark } from '../mark';
import { FoldArrow } from './fold-arrow';
import { UsageCell } from './usage-cell';

interface Props {
  entry: GroupEntry;
  /** Its place in the whole table, counting the head as 1. */
  rowIndex: number;
  active: boolean;
  /** It stays in sight while its workers are scrolled through. */
  stuck: boolean;
  onToggle: (source: SourceKind) => void;
}

/** The head of a group: how many workers of a kind there are, in which states, and what they take together. */
export const GroupLine = memo(function GroupLine({ entry, rowIndex, active, stuck, onToggle }: Props) {
  const { source, open, count, shown, cpuPercent, rssBytes, tokens, cost } = entry;
  return (
    <tr className={stuck ? 'group group-stuck' : 'group'} aria-rowindex={rowIndex} onClick={() => onToggle(source)}>
      <th scope="rowgroup" className="group-head">
        <button
          type="button"
          className="group-name"
          data-row={entry.key}
          aria-expanded={open}
          tabIndex={active ? 0 : -1}
        >
          <FoldArrow open={open} />
          {sourceWords(source)}
          <span className="group-count">{count.toLocaleString('en')}</span>
        </button>
        <span className="group-states">
          {SHOWN.map((each) => {
            const some = shown[each];
            return (
              some !== undefined && (
                <span key={each} className="group-state" title={`${some} ${each}`}>
                  <Mark sign={ROW_SIGNS[each]} />
                  {some.toLocaleString('en')}
                  <span className="visually-hidden"> {each}</span>
                </span>
              )
            );
          })}
        </span>
      </th>
      <td className="col-name" />
      <td className="col-source" />
      <td className="col-reason" />
      <td className="col-heartbeat" />
      <td className="col-traffic" />
      <td className="col-usage number dim">
        <UsageCell usage={tokens === null && cost === null ? null : { tokens, cost }} />
      </td>
      <td className="col-cpu number dim">{cpuPercent !== null && formatPercent(cpuPercent)}</td>
      <td className="col-memory number dim">{rssBytes !== null && formatBytes(rssBytes)}</td>
      <td className="col-hour" />
      <td className="col-action" />
    </tr>
  );
});
