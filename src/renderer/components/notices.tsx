import { plural } from '../../shared/format';
import type { RootStatus } from '../../shared/model';
import { useApp, useAppState } from '../context';
import { formatTime } from '../logic/words';

/** Quiet lines under the header: what limits the picture now. */
export function Notices() {
  const { actions } = useApp();
  const paused = useAppState((state) => state.snapshot?.paused ?? false);
  const hold = useAppState((state) => state.snapshot?.hold ?? null);
  const roots = useAppState((state) => state.snapshot?.roots);
  const notice = useAppState((state) => state.notice);
  const unreadable = (roots ?? []).filter((root) => root.unreadable !== null);
  if (!paused && !hold && !unreadable.length && !notice) return null;
  return (
    <div className="notices">
      {notice && (
        <p className="notice notice-fault" role="alert">
          {notice}
          <button type="button" className="link" onClick={actions.dismissNotice}>
            Dismiss
          </button>
        </p>
      )}
      {paused && <p className="notice">Watching is paused: the picture is that of the last check.</p>}
      {hold && (
        <p className="notice" title={hold.reason}>
          Verdicts hold until {formatTime(hold.untilAt, hold.untilAt)}: {hold.reason}
        </p>
      )}
      {unreadable.length > 0 && <Unreadable roots={unreadable} />}
    </div>
  );
}

function Unreadable({ roots }: { roots: readonly RootStatus[] }) {
  const [first] = roots;
  if (!first) return null;
  const all = roots.map((root) => `${root.path}: ${root.unreadable}`).join('\n');
  return (
    <p className="notice notice-warn" title={all}>
      {first.path} cannot be read: {first.unreadable}
      {roots.length > 1 && `, and ${plural(roots.length - 1, 'directory', 'directories')} more`}
    </p>
  );
}
