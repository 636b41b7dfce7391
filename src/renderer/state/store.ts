import { createStore, type StoreApi } from 'zustand/vanilla';
import type { SettingsView } from '../../shared/ipc';
import type { HealthStrip, HistoryRange, Snapshot, SourceKind, WorkerId } from '../../shared/model';
import type { KnownHistory } from '../logic/history';
import { CALM_SORT, type Chip, type KindFilter, type Sort } from '../logic/rows';
import type { KillFlow } from './kill-flow';
import type { ReapFlow } from './reap-flow';

/** The latest picture and what the person looks at. There is no other truth in the window. */
export interface AppState {
  snapshot: Snapshot | null;
  /** When the snapshot came, ms on the window's monotonic clock. */
  receivedAt: number;
  settings: SettingsView | null;
  /** Why there is no picture; null while there is one or it is on its way. */
  failure: string | null;
  /** Why the picture does not go on; it is tried again. */
  lost: string | null;

  /** The worker whose detail is open. */
  selectedId: WorkerId | null;
  chip: Chip;
  kind: KindFilter;
  filterText: string;
  sort: Sort;
  /** Groups whose workers are folded away. */
  closedGroups: ReadonlySet<SourceKind>;
  /** Workers whose sub-agents are shown. */
  openParents: ReadonlySet<WorkerId>;
  /** The last hour of those whose rows were in view, as far as it was asked for. */
  strips: ReadonlyMap<WorkerId, KnownStrip>;
  /** How far back the charts look. */
  chartRange: HistoryRange;
  /** What they draw of the chosen range, or still of the one before; null: the picture's own last five minutes. */
  history: KnownHistory | null;
  settingsOpen: boolean;
  /** The dialog that asks for a directory's path is open. */
  addingDirectory: boolean;
  kill: KillFlow | null;
  reap: ReapFlow | null;
  /** One line about a command that failed. */
  notice: string | null;
}

/** A worker's last hour, and when that hour ended, on the wall clock. */
export interface KnownStrip {
  strip: HealthStrip;
  at: number;
}

export type AppStore = StoreApi<AppState>;

export function createAppStore(): AppStore {
  return createStore<AppState>()(() => ({
    snapshot: null,
    receivedAt: 0,
    settings: null,
    failure: null,
    lost: null,
    selectedId: null,
    chip: 'all',
    kind: 'grouped',
    filterText: '',
    sort: CALM_SORT,
    closedGroups: new Set(),
    openParents: new Set(),
    strips: new Map(),
    chartRange: '5min',
    history: null,
    settingsOpen: false,
    addingDirectory: false,
    kill: null,
    reap: null,
    notice: null,
  }));
}

/** The words of an error of any kind. */
export function errorWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
