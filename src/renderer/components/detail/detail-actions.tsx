import type { WorkerDetail, WorkerRow, WorkerState } from '../../../shared/model';
import { useApp } from '../../context';
import { CopyButton } from '../copy-button';
import { SnoozeMenu } from './snooze-menu';

const SNOOZABLE: ReadonlySet<WorkerState> = new Set(['stalled', 'dead', 'waiting']);

/** What can be done about one worker. */
export function DetailActions({ row, detail }: { row: WorkerRow; detail: WorkerDetail | null }) {
  const { actions, kill, bridge } = useApp();
  const hasDesktop = bridge.shell === 'app';
  return (
    <div className="panel-actions">
      {row.canEnd && (
        <button type="button" className="button button-danger" onClick={() => void kill.ask(row.id, row.name)}>
          Kill…
        </button>
      )}
      {SNOOZABLE.has(row.state) && <SnoozeMenu row={row} />}
      <div className="panel-tools">
        <button
          type="button"
          className="button button-icon"
          aria-label="Keep alive"
          aria-pressed={row.keepAlive}
          title="Keep alive: it is never ended automatically; you can still end it"
          onClick={() => actions.keepAlive(row.id, !row.keepAlive)}
        >
          <Icon d="M8 1.8l5 1.9v3.9c0 3.2-2.1 5.6-5 6.9-2.9-1.3-5-3.7-5-6.9V3.7z" />
        </button>
        {hasDesktop && <OpenButtons row={row} detail={detail} />}
        <CopyButton text={row.id} what="id" />
      </div>
    </div>
  );
}

/** In the system's own programs. */
function OpenButtons({ row, detail }: { row: WorkerRow; detail: WorkerDetail | null }) {
  const { actions } = useApp();
  return (
    <>
      <button
        type="button"
        className="button button-icon"
        aria-label="Open folder"
        title={`Open folder\n${row.path}`}
        onClick={() => actions.openFolder(row.id)}
      >
        <Icon d="M1.8 13V3h4l1.6 1.8h6.8V13z" />
      </button>
      <button
        type="button"
        className="button button-icon"
        aria-label="Open log"
        disabled={!detail?.logTail}
        title={detail?.logTail ? `Open log\n${detail.logTail.file}` : 'It has no log'}
        onClick={() => actions.openLog(row.id)}
      >
        <Icon d="M3.5 1.8h6l3 3v9.4h-9zM5.8 7.2h4.4M5.8 9.4h4.4M5.8 11.6h2.8" />
      </button>
    </>
  );
}

function Icon({ d }: { d: string }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={d} fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}
