import { useApp, useAppState, useSinceChecked } from '../context';
import { shortAge } from '../logic/ages';
import { autoEndMark } from '../logic/policy-words';
import { LOST_SIGN, OVERALL_SIGNS } from '../logic/words';
import { Mark } from './mark';

/** The overall state in one sentence, and what can be done about the whole. */
export function Header({ empty }: { empty: boolean }) {
  const { actions, reap } = useApp();
  const paused = useAppState((state) => state.snapshot?.paused ?? false);
  return (
    <header className="header">
      <h1 className="visually-hidden">idlewatch</h1>
      <OverallBadge />
      <Sentence />
      <div className="header-actions">
        <AutoEnd />
        {paused ? <span className="checked">not checking</span> : <Checked />}
        <button type="button" className="button" onClick={() => actions.pause(!paused)}>
          {paused ? 'Resume' : 'Pause'}
        </button>
        {!empty && (
          <>
            <button type="button" className="button" onClick={() => void reap.ask()}>
              Clean up…
            </button>
            <button type="button" className="button" onClick={actions.addDirectory}>
              Add<span className="wide-only"> directory</span>…
            </button>
          </>
        )}
        <button type="button" className="button" onClick={() => actions.showSettings(true)}>
          Settings
        </button>
      </div>
    </header>
  );
}

function OverallBadge() {
  const overall = useAppState((state) => state.snapshot?.overall ?? 'idle');
  const isLost = useAppState((state) => state.lost !== null);
  const sign = isLost ? LOST_SIGN : OVERALL_SIGNS[overall];
  return (
    <span className={`badge tone-${sign.tone}`}>
      <Mark sign={sign} />
      {sign.word}
    </span>
  );
}

/** Its words change only with the state, so a screen reader hears changes alone. */
function Sentence() {
  const sentence = useAppState((state) => state.snapshot?.sentence ?? '');
  const comma = sentence.indexOf(', ');
  const lead = comma > 0 ? sentence.slice(0, comma) : sentence;
  return (
    <p className="sentence" role="status" title={sentence}>
      <strong>{lead}</strong>
      {sentence.slice(lead.length)}
    </p>
  );
}

function Checked() {
  const since = useSinceChecked();
  return <span className="checked">checked {shortAge(since)} ago</span>;
}

/** That workers may be ended without a person, or why not for now; it opens the settings that say so. */
function AutoEnd() {
  const { actions } = useApp();
  const policy = useAppState((state) => state.snapshot?.policy);
  const rules = useAppState((state) => state.settings?.settings.endingPolicy);
  const mark = policy ? autoEndMark(policy, rules ?? {}) : null;
  if (!mark) return null;
  return (
    <button
      type="button"
      className="auto-end"
      title={`${mark.words}\n${mark.title}`}
      onClick={() => actions.showSettings(true)}
    >
      <Mark sign={{ shape: 'triangle', tone: mark.stopped ? 'amber' : 'dim' }} />
      <span className="auto-end-words">{mark.words}</span>
    </button>
  );
}
