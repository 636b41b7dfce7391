import type { WorkerRow, WorkerState } from '../../../shared/model';
import { useApp } from '../../context';

const SNOOZABLE: ReadonlySet<WorkerState> = new Set(['stalled', 'dead', 'waiting']);

/** What can be done about one worker. */
export function DetailActions({ row }: { row: WorkerRow }) {
  const { actions, kill } = useApp();
  return (
    <div className="panel-actions">
      {row.canEnd && (
        <button type="button" className="button button-danger" onClick={() => void kill.ask(row.id, row.name)}>
          Kill…
        </button>
      )}
      {SNOOZABLE.has(row.state) && (
        <button
          type="button"
          className="button"
          title="Count it as well until it changes"
          onClick={() => actions.snooze(row.id, !row.snoozed)}
        >
          {row.snoozed ? 'Unsnooze' : 'Snooze'}
        </button>
      )}
      <button
        type="button"
        className="button"
        aria-pressed={row.keepAlive}
        title="It is never ended automatically; you can still end it"
        onClick={() => actions.keepAlive(row.id, !row.keepAlive)}
      >
        Keep alive
      </button>
      <button
        type="button"
        className="button button-icon"
        aria-label="Open folder"
        title="Open folder"
        onClick={() => actions.openFolder(row.id)}
      >
        <svg viewBox="0 0 16 14" width="16" height="14" aria-hidden="true">
          <path
            d="M1.5 11.5v-9h4l1.6 1.8h7.4v7.2z"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.4"
            strokeLinejoin="round"
          />
        </svg>
      </button>
    </div>
  );
}
