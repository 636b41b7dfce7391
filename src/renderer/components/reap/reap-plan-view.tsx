import { formatBytes, plural } from '../../../shared/format';
import type { ReapCandidate, ReapPlan } from '../../../shared/model';
import { firstRows, freedWords } from '../../logic/reap-words';
import { formatTime, sourceWord } from '../../logic/words';
import { DirectoryName } from './directory-name';
import { StayingList } from './staying-list';

/** What would be removed, what stays, and why. */
export function ReapPlanView({ plan }: { plan: ReapPlan }) {
  const { candidates, kept, madeAt } = plan;
  return (
    <>
      {candidates.length ? (
        <>
          <p>
            {plural(candidates.length, 'directory', 'directories')} of finished workers, {freedWords(candidates)}, would
            be removed for good. Nothing that runs is touched: each is looked at once more just before.
          </p>
          <Candidates candidates={candidates} madeAt={madeAt} />
        </>
      ) : (
        <div className="verdict">
          <p className="verdict-title">Nothing is left over</p>
          <p>No finished workbench or supervised run is old enough to be removed.</p>
        </div>
      )}
      {kept.length > 0 && (
        <details className="staying">
          <summary>{kept.length === 1 ? '1 directory stays' : `${kept.length} directories stay`}</summary>
          <StayingList directories={kept} />
        </details>
      )}
    </>
  );
}

function Candidates({ candidates, madeAt }: { candidates: readonly ReapCandidate[]; madeAt: number }) {
  const { shown, rest } = firstRows(candidates);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="well process-list" tabIndex={0} aria-label="Directories to be removed">
      <table className="leftovers">
        <thead>
          <tr>
            <th scope="col">Worker</th>
            <th scope="col">Kind</th>
            <th scope="col">Finished</th>
            <th scope="col" className="number">
              Size
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((candidate) => (
            <tr key={candidate.workerId} title={candidate.path}>
              <td>
                <DirectoryName name={candidate.name} path={candidate.path} />
                <span className="why">{candidate.why}</span>
              </td>
              <td className="dim">{sourceWord(candidate.source)}</td>
              <td className="dim">{formatTime(candidate.finishedAt, madeAt)}</td>
              <td className="number">{candidate.bytes === null ? '–' : formatBytes(candidate.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest !== null && <p className="dim">{rest}</p>}
    </section>
  );
}
