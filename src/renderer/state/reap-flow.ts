import type { Bridge } from '../../shared/ipc';
import type { ReapPlan, ReapReceipt } from '../../shared/model';
import { type AppStore, errorWords } from './store';

/** Where cleaning up stands: what could go is looked for, shown, removed, and answered with a receipt. */
export interface ReapFlow {
  phase: 'planning' | 'planned' | 'running' | 'done' | 'failed';
  plan: ReapPlan | null;
  receipt: ReapReceipt | null;
  /** Why there is no plan or no receipt. */
  error: string | null;
}

export interface ReapActions {
  /** Open the dialog and ask what could be removed; nothing while something is being removed. */
  ask(): Promise<void>;
  /** Remove what is shown. */
  execute(): Promise<void>;
  /** Close the dialog; not while it runs. */
  close(): void;
}

/** True when there is something to remove and it may be asked for. */
export function mayReap({ phase, plan }: ReapFlow): boolean {
  return phase === 'planned' && plan !== null && plan.candidates.length > 0;
}

export function createReapActions(bridge: Bridge, store: AppStore): ReapActions {
  /** Set the flow on, unless the person has closed it or asked anew meanwhile. */
  function proceed(flow: ReapFlow, change: Partial<ReapFlow>): ReapFlow {
    const next = { ...flow, ...change };
    if (store.getState().reap === flow) store.setState({ reap: next });
    return next;
  }

  return {
    async ask() {
      const { reap, kill } = store.getState();
      if (reap?.phase === 'running' || kill?.phase === 'running') return;
      const flow: ReapFlow = { phase: 'planning', plan: null, receipt: null, error: null };
      store.setState({ reap: flow, kill: null, settingsOpen: false });
      try {
        proceed(flow, { phase: 'planned', plan: await bridge.invoke('reap.plan') });
      } catch (error) {
        proceed(flow, failed(errorWords(error)));
      }
    },

    async execute() {
      const { reap } = store.getState();
      if (!reap?.plan || !mayReap(reap)) return;
      const running = proceed(reap, { phase: 'running' });
      try {
        const answer = await bridge.invoke('reap.execute', reap.plan.planId);
        proceed(running, answer.ok ? { phase: 'done', receipt: answer.receipt } : failed(answer.reason));
      } catch (error) {
        proceed(running, failed(errorWords(error)));
      }
    },

    close() {
      if (store.getState().reap?.phase !== 'running') store.setState({ reap: null });
    },
  };
}

function failed(error: string): Partial<ReapFlow> {
  return { phase: 'failed', error };
}
