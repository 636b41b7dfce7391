import { useEffect, useRef } from 'react';
import { plural } from '../../../shared/format';
import { useApp, useAppState } from '../../context';
import { freedWords } from '../../logic/reap-words';
import { mayReap, type ReapFlow } from '../../state/reap-flow';
import { Modal } from '../modal';
import { ReapPlanView } from './reap-plan-view';
import { ReapReceiptView } from './reap-receipt-view';

/** Shows what finished workers have left behind, removes it when asked, and says what came of it. */
export function ReapDialog() {
  const { reap } = useApp();
  const flow = useAppState((state) => state.reap);
  const leave = useRef<HTMLButtonElement>(null);
  const phase = flow?.phase;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each phase begins at the harmless button
  useEffect(() => leave.current?.focus(), [phase]);
  if (!flow) return null;
  const running = flow.phase === 'running';
  return (
    <Modal role="dialog" className="reap" labelledBy="reap-title" initialFocus={leave} onCancel={reap.close}>
      <h2 id="reap-title">{titleOf(flow)}</h2>
      <div className="modal-body">
        <Body flow={flow} />
      </div>
      <div className="modal-actions">
        <button ref={leave} type="button" className="button" aria-disabled={running || undefined} onClick={reap.close}>
          {mayReap(flow) ? 'Cancel' : 'Close'}
        </button>
        {flow.phase === 'failed' && (
          <button type="button" className="button" onClick={() => void reap.ask()}>
            Look again
          </button>
        )}
        {mayReap(flow) && flow.plan && (
          <button type="button" className="button button-danger" onClick={() => void reap.execute()}>
            Remove {plural(flow.plan.candidates.length, 'directory', 'directories')} ({freedWords(flow.plan.candidates)}
            )
          </button>
        )}
      </div>
    </Modal>
  );
}

function titleOf({ phase, receipt }: ReapFlow): string {
  if (phase === 'running') return 'Cleaning up…';
  if (phase === 'failed') return 'Nothing was cleaned up';
  if (phase === 'done') return receipt?.failed.length ? 'Not all of it was removed' : 'Cleaned up';
  return 'Clean up';
}

function Body({ flow }: { flow: ReapFlow }) {
  switch (flow.phase) {
    case 'planning':
      return <p aria-live="polite">Looking for what finished workers have left…</p>;
    case 'planned':
      return flow.plan && <ReapPlanView plan={flow.plan} />;
    case 'running':
      return (
        <>
          <p aria-live="polite">
            {plural(flow.plan?.candidates.length ?? 0, 'directory is', 'directories are')} being removed, each after one
            more look.
          </p>
          <progress aria-label="Removing" />
        </>
      );
    case 'done':
      return flow.receipt && <ReapReceiptView receipt={flow.receipt} />;
    case 'failed':
      return (
        <p className="verdict verdict-red" aria-live="polite">
          {flow.error}
        </p>
      );
  }
}
