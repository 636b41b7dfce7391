import { formatBytes, plural } from '../../../shared/format';
import type { ReapReceipt } from '../../../shared/model';
import { firstRows } from '../../logic/reap-words';
import { StayingList } from './staying-list';

/** What was removed, and before it what could not be. */
export function ReapReceiptView({ receipt }: { receipt: ReapReceipt }) {
  const { removed, failed } = receipt;
  const tone = failed.length ? 'amber' : 'green';
  return (
    <>
      <div className={`verdict verdict-${tone}`} aria-live="polite">
        <p className={`verdict-title tone-${tone}`}>{receipt.summary}</p>
      </div>
      {failed.length > 0 && (
        <section aria-labelledby="reap-failed-title">
          <h3 id="reap-failed-title" className="label">
            Still there
          </h3>
          <StayingList directories={failed} />
        </section>
      )}
      {removed.length > 0 && <Removed removed={removed} />}
    </>
  );
}

function Removed({ removed }: { removed: ReapReceipt['removed'] }) {
  const { shown, rest } = firstRows(removed);
  return (
    <details className="staying">
      <summary>{plural(removed.length, 'directory', 'directories')} removed</summary>
      <ul className="spared">
        {shown.map(({ name, path, bytes }) => (
          <li key={path}>
            {name}
            <span className="why">
              {path}
              {bytes !== null && ` · ${formatBytes(bytes)}`}
            </span>
          </li>
        ))}
        {rest !== null && <li className="dim">{rest}</li>}
      </ul>
    </details>
  );
}
