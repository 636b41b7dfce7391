import { createContext, useContext, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { Bridge } from '../shared/ipc';
import { engineNow, sinceReceived } from './logic/ages';
import type { Actions } from './state/actions';
import type { FocusReporter } from './state/focus';
import type { HistoryReader } from './state/history';
import type { KillActions } from './state/kill-flow';
import type { ReapActions } from './state/reap-flow';
import type { AppState, AppStore } from './state/store';
import type { StripReader } from './state/strips';
import type { Ticker } from './state/ticker';

/** What every component may reach. */
export interface AppTools {
  bridge: Bridge;
  store: AppStore;
  actions: Actions;
  kill: KillActions;
  reap: ReapActions;
  focus: FocusReporter;
  strips: StripReader;
  history: HistoryReader;
  ticker: Ticker;
  refresh(): void;
  /** Null where nobody has to sign in. */
  signOut: (() => void) | null;
}

export const AppContext = createContext<AppTools | null>(null);

export function useApp(): AppTools {
  const tools = useContext(AppContext);
  if (!tools) throw new Error('useApp is called outside of App');
  return tools;
}

export function useAppState<T>(select: (state: AppState) => T): T {
  return useStore(useApp().store, select);
}

/** The engine's time now, ms; renders its component anew each second. Only for components that show ages. */
export function useEngineNow(): number {
  const { store, ticker } = useApp();
  const tickAt = useSyncExternalStore(ticker.subscribe, ticker.tickAt);
  const { snapshot, receivedAt } = store.getState();
  if (!snapshot) return 0;
  return engineNow({ takenAt: snapshot.takenAt, receivedAt, paused: snapshot.paused }, tickAt);
}

/** How long ago the latest picture came, ms; renders its component anew each second. */
export function useSinceChecked(): number {
  const { ticker } = useApp();
  const tickAt = useSyncExternalStore(ticker.subscribe, ticker.tickAt);
  const receivedAt = useAppState((state) => state.receivedAt);
  return sinceReceived({ takenAt: 0, receivedAt, paused: false }, tickAt);
}
