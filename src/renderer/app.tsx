import { useEffect, useState } from 'react';
import type { Bridge } from '../shared/ipc';
import { Window } from './components/window';
import { AppContext, type AppTools } from './context';
import { createActions } from './state/actions';
import { type Connection, connect } from './state/connection';
import { createFocusReporter } from './state/focus';
import { createHistoryReader } from './state/history';
import { createKillActions } from './state/kill-flow';
import { createReapActions } from './state/reap-flow';
import { createAppStore } from './state/store';
import { createStripReader } from './state/strips';
import { createTicker } from './state/ticker';
import './styles/index.css';

const monotonic = () => performance.now();

interface Props {
  bridge: Bridge;
  /** Where somebody has signed in: ends that. */
  signOut?: () => void;
}

/** The whole window on one bridge. */
export function App({ bridge, signOut }: Props) {
  const [{ tools, start }] = useState(() => assemble(bridge, signOut ?? null));
  useEffect(() => start(), [start]);
  return (
    <AppContext value={tools}>
      <Window />
    </AppContext>
  );
}

/** Wire the parts together; `start` connects them and returns what disconnects them. */
function assemble(bridge: Bridge, signOut: AppTools['signOut']): { tools: AppTools; start: () => () => void } {
  const store = createAppStore();
  const actions = createActions(bridge, store);
  const kill = createKillActions(bridge, store);
  const reap = createReapActions(bridge, store);
  const focus = createFocusReporter(bridge);
  let connection: Connection | null = null;
  const refresh = () => void connection?.refresh();
  const ticker = createTicker(document, monotonic);
  const strips = createStripReader(bridge, store, ticker, monotonic);
  const history = createHistoryReader(bridge, store, ticker, monotonic);
  const tools: AppTools = { bridge, store, actions, kill, reap, focus, strips, history, ticker, refresh, signOut };

  function start(): () => void {
    const asks = {
      select: actions.reveal,
      askKill: (id: string) => {
        const row = store.getState().snapshot?.workers.find((worker) => worker.id === id);
        actions.reveal(id);
        void kill.ask(id, row?.name ?? id);
      },
      askReap: () => void reap.ask(),
    };
    connection = connect(bridge, store, asks, monotonic);
    const stopSelected = store.subscribe((state, before) => {
      if (state.selectedId === before.selectedId) return;
      focus.setSelected(state.selectedId);
      strips.setSelected(state.selectedId);
    });
    const stops = [strips.start(), history.start()];
    return () => {
      for (const stop of stops) stop();
      stopSelected();
      connection?.close();
      focus.close();
    };
  }

  return { tools, start };
}
