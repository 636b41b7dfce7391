import { formatDuration } from '../../../shared/format';
import type { KillReceipt, ReceiptProcess } from '../../../shared/model';
import type { Sign } from '../../logic/words';
import { Mark } from '../mark';

const OUTCOMES: Record<ReceiptProcess['outcome'], Sign & { word: string }> = {
  ended: { shape: 'ring', tone: 'green', word: 'ended' },
  survived: { shape: 'square', tone: 'red', word: 'survived' },
  not_signalled: { shape: 'dash', tone: 'dim', word: 'not signalled' },
};

/** What was done: every process, how it ended, and how long it took. */
export function ReceiptView({ receipt }: { receipt: KillReceipt }) {
  const tone = receipt.ended ? 'green' : 'red';
  return (
    <>
      <div className={`verdict verdict-${tone}`} aria-live="polite">
        <p className={`verdict-title tone-${tone}`}>{receipt.summary}</p>
        <p>It took {exact(receipt.tookMs)}.</p>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="well process-list" tabIndex={0} aria-label="What became of each process">
        <table className="processes">
          <thead>
            <tr>
              <th scope="col">Pid</th>
              <th scope="col">Outcome</th>
              <th scope="col">Command</th>
            </tr>
          </thead>
          <tbody>
            {receipt.processes.map((process) => (
              <ReceiptLine key={process.pid} process={process} startedAt={receipt.startedAt} />
            ))}
          </tbody>
        </table>
      </section>
    </>
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
