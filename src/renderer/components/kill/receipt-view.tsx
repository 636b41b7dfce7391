import { formatDuration } from '../../../shared/format';
import type { KillReceipt, ReceiptProcess } from '../../../shared/model';
import type { Sign } from '../../logic/words';
import { Mark } from '../mark';

const OUTCOMES: Record<ReceiptProcess['outcome'], Sign & { word: string }> = {
  ended: { shape: 'ring', tone: 'green', word: 'ended' },
  survived: { shape: 'square', tone: 'red', word: 'survived' },
  not_signalled: { shape: 'dash', tone: 'dim', word: 'not signalled' },
};

/** What was done in how long, and why: what survived before all else, then every other process. */
export function ReceiptView({ receipt }: { receipt: KillReceipt }) {
  const tone = receipt.ended ? 'green' : 'red';
  const survivors = receipt.processes.filter(({ outcome }) => outcome === 'survived');
  const others = receipt.processes.filter(({ outcome }) => outcome !== 'survived');
  return (
    <>
      <div className={`verdict verdict-${tone}`} aria-live="polite">
        <p className={`verdict-title tone-${tone}`}>{receipt.summary}</p>
      </div>
      <dl className="facts">
        <div className="fact">
          <dt>Why</dt>
          <dd>{receipt.why}</dd>
        </div>
        {receipt.session !== null && (
          <div className="fact">
            <dt>Session</dt>
            <dd>{receipt.session}</dd>
          </div>
        )}
      </dl>
      {survivors.length > 0 && (
        <section aria-labelledby="survivors-title">
          <h3 id="survivors-title" className="label tone-red">
            Still there
          </h3>
          <Outcomes processes={survivors} startedAt={receipt.startedAt} label="What survived" className="survivors" />
        </section>
      )}
      {others.length > 0 && (
        <Outcomes processes={others} startedAt={receipt.startedAt} label="What became of each process" />
      )}
    </>
  );
}

interface OutcomesProps {
  processes: readonly ReceiptProcess[];
  startedAt: number;
  label: string;
  className?: string;
}

function Outcomes({ processes, startedAt, label, className = '' }: OutcomesProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={`well process-list ${className}`} tabIndex={0} aria-label={label}>
      <table className="processes">
        <thead>
          <tr>
            <th scope="col">Pid</th>
            <th scope="col">Outcome</th>
            <th scope="col">Command</th>
          </tr>
        </thead>
        <tbody>
          {processes.map((process) => (
            <ReceiptLine key={`${process.pid} ${process.startTime}`} process={process} startedAt={startedAt} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function ReceiptLine({ process, startedAt }: { process: ReceiptProcess; startedAt: number }) {
  const outcome = OUTCOMES[process.outcome];
  const signals = process.signals.map(({ signal, at }) => `${signal} after ${exact(at - startedAt)}`).join(', ');
  return (
    <tr>
      <td>{process.pid}</td>
      <td className={`outcome tone-${outcome.tone}`}>
        <Mark sign={outcome} />
        {outcome.word}
      </td>
      <td>
        <span className="command">{process.command}</span>
        <span className="why">{[signals, process.note].filter(Boolean).join(' · ')}</span>
      </td>
    </tr>
  );
}

/** `1.2 s`: below a minute with a tenth. */
function exact(ms: number): string {
  return ms < 60_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : formatDuration(ms);
}
