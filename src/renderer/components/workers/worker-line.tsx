import { memo } from 'react';
import { formatBytes } from '../../../shared/format';
import type { WorkerId, WorkerRow } from '../../../shared/model';
import { useApp } from '../../context';
import { formatPercent, rowSign, sourceWord } from '../../logic/words';
import { Mark } from '../mark';
import { HeartbeatCell } from './heartbeat-cell';

interface Props {
  row: WorkerRow;
  /** Its place in the whole table, counting the head as 1. */
  rowIndex: number;
  active: boolean;
  selected: boolean;
  onOpen: (id: WorkerId) => void;
}

/** One worker. A click anywhere opens it; the keyboard does so by the button of its name. */
export const WorkerLine = memo(function WorkerLine({ row, rowIndex, active, selected, onOpen }: Props) {
  const sign = rowSign(row);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the name's button does the same by keyboard
    <tr
      className={`line line-${row.state}${row.snoozed ? ' line-snoozed' : ''}`}
      aria-rowindex={rowIndex}
      aria-current={selected ? 'true' : undefined}
      onClick={() => onOpen(row.id)}
    >
      <td className={`col-state tone-${sign.tone}`}>
        <Mark sign={sign} />
        <span className="state-word">{row.state}</span>
      </td>
      <td className="col-name">
        <button
          type="button"
          className="name"
          data-row={row.id}
          tabIndex={active ? 0 : -1}
          title={row.name}
          onClick={(event) => {
            event.stopPropagation();
            onOpen(row.id);
          }}
        >
          {row.name}
        </button>
        {row.role && (
          <span className="role" title={row.role}>
            {row.role}
          </span>
        )}
      </td>
      <td className="col-source" title={row.path}>
        {sourceWord(row.source)}
        <span className="run"> {row.runId}</span>
      </td>
      <td className="col-reason" title={row.reason}>
        {row.snoozed && <span className="tag">snoozed</span>}
        {row.reason}
      </td>
      <td className="col-heartbeat">
        <HeartbeatCell row={row} />
      </td>
      <td className="col-traffic">
        {row.inboxCount ?? '–'} / {row.outboxCount ?? '–'}
      </td>
      <td className="col-cpu">{formatPercent(row.cpuPercent)}</td>
      <td className="col-memory">{row.rssBytes === null ? '–' : formatBytes(row.rssBytes)}</td>
      <td className="col-action">{row.canEnd && <KillButton row={row} />}</td>
    </tr>
  );
});

function KillButton({ row }: { row: WorkerRow }) {
  const { kill } = useApp();
  return (
    <button
      type="button"
      className="button button-kill"
      aria-label={`Kill ${row.name}`}
      onClick={(event) => {
        event.stopPropagation();
        void kill.ask(row.id, row.name);
      }}
    >
      Kill…
    </button>
  );
}
