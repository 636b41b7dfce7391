import { plural } from '../../shared/format';
import { useApp, useAppState } from '../context';

/** What the window says before it knows a worker. */
export function EmptyWindow() {
  const { actions } = useApp();
  const roots = useAppState((state) => state.snapshot?.roots);
  const watched = (roots ?? []).filter((root) => root.unreadable === null);
  return (
    <section className="card empty" aria-labelledby="empty-title">
      <h2 id="empty-title">No workers yet</h2>
      <p>
        idlewatch shows the AI agents at work on this machine: workers that write heartbeats, workbenches, supervised
        runs, and sessions of OpenCode, Claude Code and Codex. Add a directory that holds workers, or start a few demo
        workers to see how it looks.
      </p>
      <div className="row-of-buttons">
        <button type="button" className="button button-primary" onClick={actions.addDirectory}>
          Add directory…
        </button>
        <button type="button" className="button" onClick={actions.startDemo}>
          Start demo workers
        </button>
      </div>
      {watched.length > 0 && (
        <p className="dim">
          {plural(watched.length, 'directory is', 'directories are')} watched and no worker is in{' '}
          {watched.length === 1 ? 'it' : 'them'} yet:
        </p>
      )}
      {watched.length > 0 && (
        <ul className="paths">
          {watched.map((root) => (
            <li key={root.path}>{root.path}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
