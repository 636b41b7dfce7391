import { backtestBasis, backtestVerdict } from '../../../shared/backtest-words';
import type { BacktestCase, BacktestReport } from '../../../shared/model';
import { needsConsent } from '../../logic/backtest-gate';
import { firstRows } from '../../logic/reap-words';
import { formatMinute, sourceWord, sourceWords } from '../../logic/words';
import type { EditedBacktest } from './use-backtest';

/** What the settings as edited would have ended so far: shown before they may end anybody. */
export function Backtest({ shown, consents, consent }: EditedBacktest) {
  return (
    <section className="backtest" aria-labelledby="backtest-title" aria-busy={shown.state === 'looking'}>
      <h3 id="backtest-title" className="label">
        What this would have done so far
      </h3>
      {shown.state === 'looking' && <p className="dim">Replaying what is recorded…</p>}
      {shown.state === 'failed' && (
        <div className="verdict verdict-amber">
          <p className="verdict-title tone-amber">Nobody can tell</p>
          <p>{shown.reason}</p>
        </div>
      )}
      {shown.state === 'shown' && <Report report={shown.report} />}
      {needsConsent(shown) && (
        <label className="check consent">
          <input type="checkbox" checked={consents} onChange={({ target }) => consent(target.checked)} />
          <span>{consentWords(shown.state === 'shown' ? shown.report.mistaken.length : 0)}</span>
        </label>
      )}
    </section>
  );
}

function consentWords(mistaken: number): string {
  const all = 'Let idlewatch end workers by itself all the same';
  return mistaken
    ? `${all}, though ${mistaken === 1 ? '1 of these ends' : `${mistaken} of these ends`} would have been wrong`
    : all;
}

function Report({ report }: { report: BacktestReport }) {
  const { mistaken, right, undecided, limits } = report;
  const tone = mistaken.length ? 'amber' : null;
  return (
    <>
      <div className={tone ? `verdict verdict-${tone}` : 'verdict'}>
        <p className={tone ? `verdict-title tone-${tone}` : 'verdict-title'}>{backtestVerdict(report)}</p>
        <p className="verdict-allowed">{backtestBasis(report, sourceWords)}</p>
      </div>
      {mistaken.length > 0 && <Cases title="Ended wrongly" cases={mistaken} now={report.until} />}
      <Folded title="Ended rightly" cases={right} now={report.until} />
      <Folded title="Nobody knows" cases={undecided} now={report.until} />
      {limits.length > 0 && (
        <ul className="backtest-limits" aria-label="What cannot be told">
          {limits.map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
      )}
    </>
  );
}

interface CasesProps {
  title: string;
  cases: readonly BacktestCase[];
  now: number;
}

function Folded({ title, cases, now }: CasesProps) {
  if (!cases.length) return null;
  return (
    <details className="staying">
      <summary>
        {title}: {cases.length}
      </summary>
      <Cases title={title} cases={cases} now={now} />
    </details>
  );
}

function Cases({ title, cases, now }: CasesProps) {
  const { shown, rest } = firstRows(cases);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="well process-list" tabIndex={0} aria-label={title}>
      <table className="cases">
        <thead>
          <tr>
            <th scope="col">{title}</th>
            <th scope="col">Kind</th>
            <th scope="col">At</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ workerId, workerName, source, wouldEndAt, text }) => (
            <tr key={`${workerId} ${wouldEndAt}`}>
              <td>
                {workerName}
                <span className="why">{text}</span>
              </td>
              <td className="dim">{sourceWord(source)}</td>
              <td className="dim">{formatMinute(wouldEndAt, now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest !== null && <p className="dim">{rest}</p>}
    </section>
  );
}
