import { plural } from '../../../shared/format';
import type { Evidence, WorkerDetail } from '../../../shared/model';
import { evidenceWord } from '../../logic/words';
import { Age } from '../age';

/** Every fact the verdict rests on, with its age. */
export function EvidenceList({ detail }: { detail: WorkerDetail }) {
  const { inboxCount, outboxCount } = detail;
  const countsStand = (['inbox', 'outbox'] as const).every((kind) =>
    detail.evidence.some((fact) => fact.kind === kind),
  );
  const hasCounts = inboxCount !== null || outboxCount !== null;
  return (
    <section aria-labelledby="evidence-title">
      <h3 id="evidence-title" className="label">
        Evidence
      </h3>
      <dl className="facts">
        {detail.evidence.map((evidence, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two facts may read the same, and the list is drawn as a whole
          <Fact key={`${evidence.kind} ${index}`} evidence={evidence} judgedAt={detail.judgedAt} />
        ))}
        {hasCounts && !countsStand && (
          <div className="fact">
            <dt>Inbox / outbox</dt>
            <dd>
              {plural(inboxCount ?? 0, 'task', 'tasks')} / {plural(outboxCount ?? 0, 'result', 'results')}
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Fact({ evidence, judgedAt }: { evidence: Evidence; judgedAt: number }) {
  return (
    <div className={`fact fact-${evidence.level}`}>
      <dt>{evidenceWord(evidence.kind)}</dt>
      <dd>
        {evidence.text}
        {evidence.ageMs !== null && (
          <span className="fact-age">
            <Age ageMs={evidence.ageMs} judgedAt={judgedAt} /> ago
          </span>
        )}
      </dd>
    </div>
  );
}
