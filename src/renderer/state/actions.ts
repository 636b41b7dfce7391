import type { Answer, Bridge } from '../../shared/ipc';
import type { WorkerId } from '../../shared/model';
import { type Chip, type KindFilter, nextSort, type SortColumn } from '../logic/rows';
import { type AppStore, errorWords } from './store';

/** Everything a person can do in the window besides ending a worker (kill-flow.ts) and cleaning up (reap-flow.ts). */
export interface Actions {
  select(id: WorkerId | null): void;
  /** Select a worker and take away the filters that would hide its row. */
  reveal(id: WorkerId): void;
  setChip(chip: Chip): void;
  setKind(kind: KindFilter): void;
  setFilterText(text: string): void;
  sortBy(column: SortColumn): void;
  showSettings(open: boolean): void;
  dismissNotice(): void;
  pause(paused: boolean): void;
  snooze(id: WorkerId, on: boolean): void;
  /** Whether the policy may never end this worker. */
  keepAlive(id: WorkerId, on: boolean): void;
  /** Let automatic ending go on after the circuit breaker has opened. */
  closeBreaker(): void;
  openFolder(id: WorkerId): void;
  addDirectory(): void;
  startDemo(): void;
}

export function createActions(bridge: Bridge, store: AppStore): Actions {
  /** A command's refusal or failure is told in one line; its success shows in the next snapshot. */
  async function run(what: string, command: Promise<Answer | undefined>): Promise<void> {
    store.setState({ notice: null });
    try {
      const answer = await command;
      if (answer && !answer.ok) store.setState({ notice: `${what}: ${answer.reason}` });
    } catch (error) {
      store.setState({ notice: `${what}: ${errorWords(error)}` });
    }
  }

  const knows = (id: WorkerId) => store.getState().snapshot?.workers.some((row) => row.id === id) ?? false;

  return {
    select: (selectedId) => {
      if (selectedId === null || knows(selectedId)) store.setState({ selectedId });
      else store.setState({ notice: 'This worker is no longer there.' });
    },
    reveal: (selectedId) => store.setState({ selectedId, chip: 'all', kind: 'all', filterText: '' }),
    setChip: (chip) => store.setState({ chip }),
    setKind: (kind) => store.setState({ kind }),
    setFilterText: (filterText) => store.setState({ filterText }),
    sortBy: (column) => store.setState(({ sort }) => ({ sort: nextSort(sort, column) })),
    showSettings: (settingsOpen) => store.setState({ settingsOpen }),
    dismissNotice: () => store.setState({ notice: null }),
    pause: (paused) => {
      const told = bridge.invoke('watch.pause', paused).then(() => undefined);
      void run(paused ? 'Watching was not paused' : 'Watching was not resumed', told);
    },
    snooze: (id, on) => {
      void run(on ? 'Not snoozed' : 'Still snoozed', bridge.invoke('worker.snooze', id, on ? 'until_change' : 'off'));
    },
    keepAlive: (id, on) => {
      void run(on ? 'Not kept alive' : 'Still kept alive', bridge.invoke('worker.keepAlive', id, on));
    },
    closeBreaker: () => {
      void run('Automatic ending does not go on', bridge.invoke('policy.closeBreaker'));
    },
    openFolder: (id) => {
      void run('The folder was not opened', bridge.invoke('worker.openFolder', id));
    },
    addDirectory: () => {
      void run('No directory was added', bridge.invoke('directory.add'));
    },
    startDemo: () => {
      void run('The demo workers did not start', bridge.invoke('demo.start'));
    },
  };
}
