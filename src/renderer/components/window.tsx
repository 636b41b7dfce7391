import { type RefObject, useEffect, useRef } from 'react';
import { useApp, useAppState } from '../context';
import { AddDirectoryDialog } from './add-directory-dialog';
import { Charts } from './charts/charts';
import { DetailPanel } from './detail/detail-panel';
import { EmptyWindow } from './empty-window';
import { Events } from './events';
import { focusActiveRow } from './focus-row';
import { Header } from './header';
import { KillDialog } from './kill/kill-dialog';
import { Notices } from './notices';
import { ReapDialog } from './reap/reap-dialog';
import { SettingsDialog } from './settings/settings-dialog';
import { Workers } from './workers/workers';

/** The page: header, charts, table with events, panel, and the dialogs over them. */
export function Window() {
  const { refresh } = useApp();
  const known = useAppState((state) => state.snapshot !== null);
  const empty = useAppState((state) => state.snapshot?.workers.length === 0);
  const failure = useAppState((state) => state.failure);
  const settingsOpen = useAppState((state) => state.settingsOpen);
  const killing = useAppState((state) => state.kill !== null);
  const addingDirectory = useAppState((state) => state.addingDirectory);
  const reaping = useAppState((state) => state.reap !== null);
  const filter = useRef<HTMLInputElement>(null);

  useShortcuts(filter);

  if (!known) return <Waiting failure={failure} retry={refresh} />;
  return (
    <div className="window">
      <Header empty={empty} />
      <main className="page">
        <Notices />
        {empty ? (
          <EmptyWindow />
        ) : (
          <>
            <Charts />
            <div className="board">
              <div className="card listing">
                <Workers filterRef={filter} />
                <Events />
              </div>
              <DetailPanel />
            </div>
          </>
        )}
      </main>
      {settingsOpen && <SettingsDialog />}
      {addingDirectory && <AddDirectoryDialog />}
      {reaping && <ReapDialog />}
      {killing && <KillDialog />}
    </div>
  );
}

/** Keys that work wherever the focus is, unless a dialog is open: `/` filters, Escape closes the panel, `k` kills. */
function useShortcuts(filter: RefObject<HTMLInputElement | null>): void {
  const { store, actions, kill } = useApp();
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      const state = store.getState();
      const isAsked = state.kill !== null || state.reap !== null;
      const hasDialog = state.settingsOpen || state.addingDirectory || isAsked;
      if (hasDialog || event.defaultPrevented || isChord(event) || isTyping(event)) return;
      const selected = state.snapshot?.workers.find((row) => row.id === state.selectedId);
      if (event.key === '/') filter.current?.select();
      else if (event.key === 'Escape' && selected) {
        if (document.activeElement?.closest('.panel')) focusActiveRow();
        actions.select(null);
      } else if (event.key === 'k' && selected?.canEnd) void kill.ask(selected.id, selected.name);
      else return;
      event.preventDefault();
    }
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [store, actions, kill, filter]);
}

function isChord(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || event.altKey;
}

function isTyping({ target }: KeyboardEvent): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'radio';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function Waiting({ failure, retry }: { failure: string | null; retry: () => void }) {
  return (
    <main className="waiting">
      <p role="status">{failure ? `The monitor does not answer: ${failure}` : 'Reading the workers…'}</p>
      {failure && (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </main>
  );
}
