import { memo } from 'react';
import { formatBytes } from '../../../shared/format';
import type { WorkerId, WorkerRow } from '../../../shared/model';
import { stateWord } from '../../../shared/state-words';
import { useApp } from '../../context';
import type { WorkerEntry } from '../../logic/entries';
import { isUrgent } from '../../logic/rows';
import { formatInOut, formatPercent, inOutWords, rowSign, runWord, sourceWord } from '../../logic/words';
import { Mark, ShieldMark } from '../mark';
import { WorkerStrip } from '../strip';
import { BelowButton } from './below-button';
import { HeartbeatCell } from './heartbeat-cell';
import { ReasonCell } from './reason-cell';
import { UsageCell } from './usage-cell';

/** Sub-agents stand to the right of who they work for, px, as far as there is room. */
const INDENT_PX = 16;
const DEEPEST = 4;

interface Props extends Pick<WorkerEntry, 'row' | 'depth' | 'below'> {
  /** Its place in the whole table, counting the head as 1. */
  rowIndex: number;
  active: boolean;
  selected: boolean;
  onOpen: (id: WorkerId) => void;
}

/** One worker. A click anywhere opens it; by keyboard it is the name’s button, whose click comes to the row as well. */
export const WorkerLine = memo(function WorkerLine({ row, depth, below, rowIndex, active, selected, onOpen }: Props) {
  const sign = rowSign(row);
  return (
    <tr
      className={`line ${lineClass(row)}`}
      aria-rowindex={rowIndex}
      aria-current={selected ? 'true' : undefined}
      onClick={() => onOpen(row.id)}
    >
      <td className={`col-state state tone-${sign.tone}`}>
        <Mark sign={sign} />
        <span className="state-word">{stateWord(row)}</span>
      </td>
      <td className="col-name">
        <div className="cell" style={{ paddingLeft: Math.min(depth, DEEPEST) * INDENT_PX }}>
          {depth > 0 && <Elbow />}
          <button type="button" className="name" data-row={row.id} tabIndex={active ? 0 : -1} title={row.name}>
            {row.name}
          </button>
          {row.role && (
            <span className="role" title={row.role}>
              {row.role}
            </span>
          )}
          {row.keepAlive && <ShieldMark title="Kept alive: never ended automatically" />}
          {below && <BelowButton id={row.id} name={row.name} below={below} />}
        </div>
      </td>
      <td className="col-source dim" title={`${sourceWord(row.source)} · ${row.runId}\n${row.path}`}>
        <div className="cell">
          <span className="kind">{sourceWord(row.source)}</span>
          <span className="run">{runWord(row)}</span>
        </div>
      </td>
      <ReasonCell row={row} below={below} />
      <td className="col-heartbeat number">
        <HeartbeatCell row={row} />
      </td>
      <td className="col-traffic number dim" title={inOutWords(row) || undefined}>
        {formatInOut(row)}
      </td>
      <td className="col-usage number dim">
        <UsageCell usage={row.usage} />
      </td>
      <td className="col-cpu number dim">{formatPercent(row.cpuPercent)}</td>
      <td className="col-memory number dim">{row.rssBytes === null ? '–' : formatBytes(row.rssBytes)}</td>
      <td className="col-hour">
        <WorkerStrip id={row.id} />
      </td>
      <td className="col-action">{row.canEnd && <KillButton row={row} />}</td>
    </tr>
  );
});

function Elbow() {
  return (
    <>
      <svg className="elbow" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
        <path d="M1.5 0v6h7" fill="none" stroke="currentColor" />
      </svg>
      <span className="visually-hidden">sub-agent</span>
    </>
  );
}

/** Loud is what waits for the person; what is over well or snoozed steps back. */
function lineClass(row: WorkerRow): string {
  if (row.snoozed || (row.state === 'stopped' && !row.failure)) return 'line-quiet';
  return isUrgent(row) ? 'line-loud' : '';
}

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
