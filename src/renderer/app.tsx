import { useEffect, useState } from 'react';
import type { Bridge } from '../shared/ipc';
import { Window } from './components/window';
import { AppContext, type AppTools } from './context';
import { createActions } from './state/actions';
import { type Connection, connect } from './state/connection';
import { createFocusReporter } from './state/focus';
import { createKillActions } from './state/kill-flow';
import { createReapActions } from './state/reap-flow';
import { createAppStore } from './state/store';
import { createStripReader } from './state/strips';
import { createTicker } from './state/ticker';
import './styles/index.css';

const monotonic = () => performance.now();

/** The whole window on one bridge. */
export function App({ bridge }: { bridge: Bridge }) {
  const [{ tools, start }] = useState(() => assemble(bridge));
  useEffect(() => start(), [start]);
  return (
    <AppContext value={tools}>
      <Window />
    </AppContext>
  );
}

/** Wire the parts together; `start` connects them and returns what disconnects them. */
function assemble(bridge: Bridge): { tools: AppTools; start: () => () => void } {
  const store = createAppStore();
  const actions = createActions(bridge, store);
  const kill = createKillActions(bridge, store);
  const reap = createReapActions(bridge, store);
  const focus = createFocusReporter(bridge);
  let connection: Connection | null = null;
  const refresh = () => void connection?.refresh();
  const ticker = createTicker(document, monotonic);
  const strips = createStripReader(bridge, store, ticker, monotonic);
  const tools: AppTools = { bridge, store, actions, kill, reap, focus, strips, ticker, refresh };

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
    const stopStrips = strips.start();
    return () => {
      stopStrips();
      stopSelected();
      connection?.close();
      focus.close();
    };
  }

  return { tools, start };
}
