import { natureOf, type WorkerRow } from '../../../shared/model';
import { useEngineNow } from '../../context';
import { idleWords } from '../../logic/session-words';
import { formatCost } from '../../logic/usage';

const TITLES = { session: 'Session', task: 'Task', worker: 'Use' } as const;

/** Whether a session or task is in use, and what it has used. */
export function SessionFacts({ row }: { row: WorkerRow }) {
  const now = useEngineNow();
  const facts: [string, string | null][] = [
    ['Idle status', row.idle && idleWords(row.idle, now)],
    ['Tokens', row.usage?.tokens?.toLocaleString('en') ?? null],
    ['Cost', row.usage?.cost === null || !row.usage ? null : formatCost(row.usage.cost)],
  ];
  const known = facts.filter(([, words]) => words !== null);
  if (!known.length) return null;
  return (
    <section aria-labelledby="session-title">
      <h3 id="session-title" className="label">
        {TITLES[natureOf(row.source)]}
      </h3>
      <dl className="facts">
        {known.map(([word, text]) => (
          <div className="fact" key={word}>
            <dt>{word}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
