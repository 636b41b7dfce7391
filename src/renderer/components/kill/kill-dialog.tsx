import { useEffect, useRef } from 'react';
import { useApp, useAppState } from '../../context';
import { refusalOf, whatEnds } from '../../logic/plan-words';
import { type KillFlow, mayExecute } from '../../state/kill-flow';
import { Modal } from '../modal';
import { KillProgress } from './kill-progress';
import { PlanView } from './plan-view';
import { ReceiptView } from './receipt-view';

/** Asks before a worker is ended, and says afterwards what came of it. */
export function KillDialog() {
  const { kill } = useApp();
  const flow = useAppState((state) => state.kill);
  const leave = useRef<HTMLButtonElement>(null);
  const phase = flow?.phase;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each phase begins at the harmless button
  useEffect(() => leave.current?.focus(), [phase]);
  if (!flow) return null;
  const running = flow.phase === 'running';
  const open = flow.phase === 'planning' || flow.phase === 'planned';
  const refused = flow.plan !== null && refusalOf(flow.plan) !== null;
  return (
    <Modal
      role="alertdialog"
      className="kill"
      labelledBy="kill-title"
      describedBy="kill-body"
      initialFocus={leave}
      onCancel={kill.close}
    >
      <h2 id="kill-title">{titleOf(flow)}</h2>
      <div id="kill-body" className="modal-body">
        <Body flow={flow} />
      </div>
      <div className="modal-actions">
        <button ref={leave} type="button" className="button" aria-disabled={running || undefined} onClick={kill.close}>
          {open && !refused ? 'Cancel' : 'Close'}
        </button>
        {flow.phase === 'failed' && (
          <button type="button" className="button" onClick={() => void kill.ask(flow.workerId, flow.workerName)}>
            Look again
          </button>
        )}
        {flow.phase === 'planned' && flow.plan && !refused && (
          <button
            type="button"
            className="button button-danger"
            disabled={!mayExecute(flow)}
            onClick={() => void kill.execute()}
          >
            End {whatEnds(flow.plan)}
          </button>
        )}
      </div>
    </Modal>
  );
}

function titleOf({ phase, workerName, receipt }: KillFlow): string {
  if (phase === 'running') return `Ending ${workerName}…`;
  if (phase === 'done') return receipt?.ended ? `${workerName} has ended` : `${workerName} has not ended`;
  if (phase === 'failed') return `${workerName} was not ended`;
  return `End ${workerName}?`;
}

function Body({ flow }: { flow: KillFlow }) {
  switch (flow.phase) {
    case 'planning':
      return <p aria-live="polite">Looking which processes are its own…</p>;
    case 'planned':
      return flow.plan && <PlanView plan={flow.plan} accepted={flow.acceptShared} />;
    case 'running':
      return flow.plan && <KillProgress plan={flow.plan} />;
    case 'done':
      return flow.receipt && <ReceiptView receipt={flow.receipt} />;
    case 'failed':
      return (
        <p className="verdict verdict-red" aria-live="polite">
          {flow.error}
        </p>
      );
  }
}
