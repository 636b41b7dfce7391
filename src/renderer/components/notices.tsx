import type { ReactNode } from 'react';
import { plural } from '../../shared/format';
import { keepingWords } from '../../shared/keeping-words';
import type { PolicyStatus, RootStatus } from '../../shared/model';
import type { SettingError } from '../../shared/settings';
import { useApp, useAppState } from '../context';
import { formatTime } from '../logic/words';

const NO_ERRORS: never[] = [];
const NO_PROBLEMS: never[] = [];

/** Quiet lines under the header: what limits the picture or what idlewatch does now. */
export function Notices() {
  const { actions, refresh } = useApp();
  const lost = useAppState((state) => state.lost);
  const paused = useAppState((state) => state.snapshot?.paused ?? false);
  const hold = useAppState((state) => state.snapshot?.hold ?? null);
  const roots = useAppState((state) => state.snapshot?.roots);
  const breaker = useAppState((state) => state.snapshot?.policy.breaker ?? null);
  const unkept = useAppState((state) => (state.snapshot ? keepingWords(state.snapshot.keeping) : null));
  const errors = useAppState((state) => state.settings?.errors) ?? NO_ERRORS;
  const problems = useAppState((state) => state.settings?.doors.problems) ?? NO_PROBLEMS;
  const notice = useAppState((state) => state.notice);
  const unreadable = (roots ?? []).filter((root) => root.unreadable !== null);
  return (
    <div className="notices">
      {lost !== null && (
        <Notice tone="fault" button={['Try now', refresh]} alert>
          The connection is lost: {lost}. This is the last picture; it is tried again by itself.
        </Notice>
      )}
      {notice && (
        <Notice tone="fault" button={['Dismiss', actions.dismissNotice]} alert>
          {notice}
        </Notice>
      )}
      {breaker && <Breaker breaker={breaker} />}
      {unkept && (
        <Notice tone="warn" title={unkept}>
          {unkept}
        </Notice>
      )}
      {errors.length > 0 && <SettingFaults errors={errors} />}
      {problems.map((problem) => (
        <Notice key={problem} tone="warn" title={problem} button={['Show', () => actions.showSettings(true)]}>
          {problem}
        </Notice>
      ))}
      {paused && <Notice>Watching is paused: the picture is that of the last check.</Notice>}
      {hold && (
        <Notice title={hold.reason}>
          Verdicts hold until {formatTime(hold.untilAt, hold.untilAt)}: {hold.reason}
        </Notice>
      )}
      {unreadable.length > 0 && <Unreadable roots={unreadable} />}
    </div>
  );
}

interface NoticeProps {
  tone?: 'warn' | 'fault';
  title?: string;
  /** Its words and what it does. */
  button?: [string, () => void];
  /** It came just now and is read out at once. */
  alert?: boolean;
  children: ReactNode;
}

function Notice({ tone, title, button, alert = false, children }: NoticeProps) {
  return (
    <p className={tone ? `notice notice-${tone}` : 'notice'} title={title} role={alert ? 'alert' : undefined}>
      <span className="notice-words">{children}</span>
      {button && (
        <button type="button" className="link" onClick={button[1]}>
          {button[0]}
        </button>
      )}
    </p>
  );
}

function Breaker({ breaker }: { breaker: NonNullable<PolicyStatus['breaker']> }) {
  const { actions } = useApp();
  const words = `Automatic ending stopped at ${formatTime(breaker.openedAt, Date.now())}: ${breaker.reason}`;
  return (
    <Notice tone="warn" title={words} button={['Allow it again', actions.closeBreaker]} alert>
      {words}
    </Notice>
  );
}

/** The file or the environment holds something wrong: its values are not in force. */
function SettingFaults({ errors }: { errors: readonly SettingError[] }) {
  const { actions } = useApp();
  const [first] = errors;
  if (!first) return null;
  const all = errors.map(({ message }) => message).join('\n');
  return (
    <Notice tone="warn" title={all} button={['Show', () => actions.showSettings(true)]}>
      Not in force: {first.message}
      {errors.length > 1 && `, and ${plural(errors.length - 1, 'other fault', 'other faults')}`}
    </Notice>
  );
}

function Unreadable({ roots }: { roots: readonly RootStatus[] }) {
  const [first] = roots;
  if (!first) return null;
  const all = roots.map((root) => `${root.path}: ${root.unreadable}`).join('\n');
  return (
    <Notice tone="warn" title={all}>
      {first.path} cannot be read: {first.unreadable}
      {roots.length > 1 && `, and ${plural(roots.length - 1, 'directory', 'directories')} more`}
    </Notice>
  );
}
