import type { Bridge, Focus } from '../../shared/ipc';
import type { WorkerId } from '../../shared/model';

/** Rows come and go while a person scrolls; the engine is told when they rest. */
const SETTLE_MS = 100;
/** More are never on screen, and the contract takes no more. */
const MOST_VISIBLE = 500;

export interface FocusReporter {
  setRows(ids: readonly WorkerId[]): void;
  setCharted(ids: readonly WorkerId[]): void;
  setSelected(id: WorkerId | null): void;
  close(): void;
}

/** Tells the engine what a person looks at: once it has settled, and only when it changed. */
export function createFocusReporter(bridge: Bridge): FocusReporter {
  let rows: readonly WorkerId[] = [];
  let charted: readonly WorkerId[] = [];
  let selected: WorkerId | null = null;
  let told = '';
  let timer: ReturnType<typeof setTimeout> | null = null;

  function tell(): void {
    timer = null;
    const focus: Focus = { visible: [...new Set([...rows, ...charted])].sort().slice(0, MOST_VISIBLE), selected };
    const key = JSON.stringify(focus);
    if (key === told) return;
    told = key;
    bridge.invoke('view.focus', focus).catch(() => {
      told = '';
    });
  }

  function settle(): void {
    timer ??= setTimeout(tell, SETTLE_MS);
  }

  return {
    setRows(ids) {
      rows = ids;
      settle();
    },
    setCharted(ids) {
      charted = ids;
      settle();
    },
    setSelected(id) {
      selected = id;
      settle();
    },
    close() {
      if (timer) clearTimeout(timer);
    },
  };
}
