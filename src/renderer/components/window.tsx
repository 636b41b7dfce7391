import { type RefObject, useEffect, useRef } from 'react';
import { useApp, useAppState } from '../context';
import { Charts } from './charts/charts';
import { DetailPanel } from './detail/detail-panel';
import { EmptyWindow } from './empty-window';
import { Events } from './events';
import { Header } from './header';
import { KillDialog } from './kill/kill-dialog';
import { Notices } from './notices';
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
  const filter = useRef<HTMLInputElement>(null);

  useShortcuts(filter);

  if (!known) return <Waiting failure={failure} retry={refresh} />;
  return (
    <div className="window">
      <Header empty={empty} />
      <Notices />
      <main className={empty ? 'page page-empty' : 'page'}>
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
      {killing && <KillDialog />}
    </div>
  );
}

/** `/` goes to the filter, Escape closes the panel; both only where no dialog is open. */
function useShortcuts(filter: RefObject<HTMLInputElement | null>): void {
  const { store, actions } = useApp();
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      const { settingsOpen, kill, selectedId } = store.getState();
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      if (settingsOpen || kill || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '/' && !typing) {
        event.preventDefault();
        filter.current?.select();
      } else if (event.key === 'Escape' && selectedId !== null) {
        actions.select(null);
      }
    }
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [store, actions, filter]);
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
