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
      <button type="button" className="button" onClick={() => actions.openFolder(row.id)}>
        Open folder
      </button>
    </div>
  );
}
