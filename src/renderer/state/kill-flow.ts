import type { Bridge } from '../../shared/ipc';
import type { KillPlan, KillReceipt, WorkerId } from '../../shared/model';
import { refusalOf } from '../logic/plan-words';
import { type AppStore, errorWords } from './store';

/** Where ending a worker stands: the plan is made, shown, carried out, and answered with a receipt. */
export interface KillFlow {
  workerId: WorkerId;
  workerName: string;
  phase: 'planning' | 'planned' | 'running' | 'done' | 'failed';
  plan: KillPlan | null;
  /** The person accepts that the other workers of the same processes end too. */
  acceptShared: boolean;
  receipt: KillReceipt | null;
  /** Why there is no plan or no receipt. */
  error: string | null;
}

export interface KillActions {
  /** Open the dialog for a worker and ask for its plan; nothing while another is being ended. */
  ask(id: WorkerId, name: string): Promise<void>;
  acceptShared(accepted: boolean): void;
  /** Carry out the plan that is shown. */
  execute(): Promise<void>;
  /** Close the dialog; not while it runs. */
  close(): void;
}

/** True when the End button may be pressed. */
export function mayExecute(flow: KillFlow): boolean {
  const { plan } = flow;
  return (
    flow.phase === 'planned' &&
    plan !== null &&
    refusalOf(plan) === null &&
    (plan.sharedWith.length === 0 || flow.acceptShared)
  );
}

export function createKillActions(bridge: Bridge, store: AppStore): KillActions {
  /** Set the flow on, unless the person has closed it or asked anew meanwhile. */
  function proceed(flow: KillFlow, change: Partial<KillFlow>): KillFlow {
    const next = { ...flow, ...change };
    if (store.getState().kill === flow) store.setState({ kill: next });
    return next;
  }

  return {
    async ask(workerId, workerName) {
      if (store.getState().kill?.phase === 'running') return;
      const flow: KillFlow = {
        workerId,
        workerName,
        phase: 'planning',
        plan: null,
        acceptShared: false,
        receipt: null,
        error: null,
      };
      // What is being removed goes on behind this dialog.
      const { reap } = store.getState();
      store.setState({ kill: flow, settingsOpen: false, reap: reap?.phase === 'running' ? reap : null });
      try {
        const plan = await bridge.invoke('kill.plan', workerId);
        proceed(flow, { phase: 'planned', plan, workerName: plan.workerName });
      } catch (error) {
        proceed(flow, { phase: 'failed', error: errorWords(error) });
      }
    },

    acceptShared(acceptShared) {
      const { kill } = store.getState();
      if (kill?.phase === 'planned') store.setState({ kill: { ...kill, acceptShared } });
    },

    async execute() {
      const { kill } = store.getState();
      if (!kill?.plan || !mayExecute(kill)) return;
      const running = proceed(kill, { phase: 'running' });
      try {
        const answer = await bridge.invoke('kill.execute', kill.plan.planId, { acceptShared: kill.acceptShared });
        proceed(running, answer.ok ? { phase: 'done', receipt: answer.receipt } : failed(answer.reason));
      } catch (error) {
        proceed(running, failed(errorWords(error)));
      }
    },

    close() {
      if (store.getState().kill?.phase !== 'running') store.setState({ kill: null });
    },
  };
}

function failed(error: string): Partial<KillFlow> {
  return { phase: 'failed', error };
}
