import type { Answer, Bridge, Snooze } from '../../shared/ipc';
import type { SourceKind, WorkerId } from '../../shared/model';
import { ancestors } from '../logic/kin';
import { type Chip, isOneKind, type KindFilter, nextSort, type SortColumn } from '../logic/rows';
import { type AppState, type AppStore, errorWords } from './store';

/** Everything a person can do in the window besides ending a worker (kill-flow.ts) and cleaning up (reap-flow.ts). */
export interface Actions {
  /** Select a worker; its row comes out from where it is folded away. */
  select(id: WorkerId | null): void;
  /** The same, and take away the filters that would hide its row. */
  reveal(id: WorkerId): void;
  /** Fold a group of workers away, or show it. */
  toggleGroup(source: SourceKind): void;
  /** Show a worker's sub-agents, or fold them away. */
  toggleBelow(id: WorkerId): void;
  setChip(chip: Chip): void;
  setKind(kind: KindFilter): void;
  setFilterText(text: string): void;
  sortBy(column: SortColumn): void;
  showSettings(open: boolean): void;
  dismissNotice(): void;
  pause(paused: boolean): void;
  snooze(id: WorkerId, snooze: Snooze): void;
  /** Whether the policy may never end this worker. */
  keepAlive(id: WorkerId, on: boolean): void;
  /** Let automatic ending go on after the circuit breaker has opened. */
  closeBreaker(): void;
  openFolder(id: WorkerId): void;
  openLog(id: WorkerId): void;
  /** Put text on the clipboard; true when it is there. */
  copy(text: string): Promise<boolean>;
  /** Ask for a directory to watch: with the system's dialog, or where there is none, with our own. */
  addDirectory(): void;
  closeAddDirectory(): void;
  startDemo(): void;
}

export function createActions(bridge: Bridge, store: AppStore): Actions {
  /** A command's refusal or failure is told in one line; its success shows in the next snapshot. */
  async function run(what: string, command: Promise<Answer | undefined>): Promise<boolean> {
    store.setState({ notice: null });
    try {
      const answer = await command;
      if (!answer || answer.ok) return true;
      store.setState({ notice: `${what}: ${answer.reason}` });
    } catch (error) {
      store.setState({ notice: `${what}: ${errorWords(error)}` });
    }
    return false;
  }

  const find = (id: WorkerId) => store.getState().snapshot?.workers.find((row) => row.id === id);

  /** What has to be open for a worker's row to be in the table. */
  function unfolded(id: WorkerId): Pick<AppState, 'closedGroups' | 'openParents'> {
    const { snapshot, closedGroups, openParents } = store.getState();
    const above = ancestors(snapshot?.workers ?? [], id);
    const source = find(above.at(-1) ?? id)?.source;
    const closed = source && closedGroups.has(source);
    return {
      closedGroups: closed ? new Set([...closedGroups].filter((other) => other !== source)) : closedGroups,
      openParents: above.every((parent) => openParents.has(parent)) ? openParents : new Set([...openParents, ...above]),
    };
  }

  return {
    select: (selectedId) => {
      if (selectedId === null) store.setState({ selectedId });
      else if (find(selectedId)) store.setState({ selectedId, ...unfolded(selectedId) });
      else store.setState({ notice: 'This worker is no longer there.' });
    },
    reveal: (selectedId) => {
      const { kind } = store.getState();
      store.setState({
        selectedId,
        chip: 'all',
        kind: isOneKind(kind) ? 'grouped' : kind,
        filterText: '',
        ...unfolded(selectedId),
      });
    },
    toggleGroup: (source) => store.setState(({ closedGroups }) => ({ closedGroups: toggled(closedGroups, source) })),
    toggleBelow: (id) => store.setState(({ openParents }) => ({ openParents: toggled(openParents, id) })),
    // What a filter finds is shown, be its group folded away or not.
    setChip: (chip) => store.setState({ chip, closedGroups: new Set() }),
    setKind: (kind) => store.setState({ kind }),
    setFilterText: (filterText) => store.setState({ filterText, closedGroups: new Set() }),
    sortBy: (column) => store.setState(({ sort }) => ({ sort: nextSort(sort, column) })),
    showSettings: (settingsOpen) => store.setState({ settingsOpen }),
    dismissNotice: () => store.setState({ notice: null }),
    pause: (paused) => {
      const told = bridge.invoke('watch.pause', paused).then(() => undefined);
      void run(paused ? 'Watching was not paused' : 'Watching was not resumed', told);
    },
    snooze: (id, snooze) => {
      void run(snooze === 'off' ? 'Still snoozed' : 'Not snoozed', bridge.invoke('worker.snooze', id, snooze));
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
    openLog: (id) => {
      void run('The log was not opened', bridge.invoke('worker.openLog', id));
    },
    copy: (text) => {
      const told = bridge.invoke('clipboard.write', text).then(() => undefined);
      return run('Nothing was copied', told);
    },
    addDirectory: () => {
      if (bridge.shell === 'page') store.setState({ addingDirectory: true });
      else void run('No directory was added', bridge.invoke('directory.add', null));
    },
    closeAddDirectory: () => store.setState({ addingDirectory: false }),
    startDemo: () => {
      void run('The demo workers did not start', bridge.invoke('demo.start'));
    },
  };
}

function toggled<T>(set: ReadonlySet<T>, member: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}
