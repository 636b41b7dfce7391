import type { WorkerRow } from '../../../shared/model';
import { useApp } from '../../context';
import { Mark } from '../mark';

/** What the policy suggests; the person decides. */
export function Suggestion({ row, suggestion }: { row: WorkerRow; suggestion: string }) {
  const { kill } = useApp();
  return (
    <section className="suggestion" aria-label="Suggestion">
      <Mark sign={{ shape: 'triangle', tone: 'amber' }} />
      <p>Ending it is suggested: {suggestion}</p>
      {row.canEnd && (
        <button type="button" className="button" onClick={() => void kill.ask(row.id, row.name)}>
          Kill…
        </button>
      )}
    </section>
  );
}
