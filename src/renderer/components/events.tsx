import { type KeyboardEvent, memo, useMemo, useState } from 'react';
import type { MonitorEvent } from '../../shared/model';
import { useApp, useAppState } from '../context';
import { shownEvents } from '../logic/shown-events';
import { eventSign, eventWord, formatTime } from '../logic/words';
import { Mark } from './mark';

/** What happened lately, newest first; a click shows the worker. */
export function Events() {
  const all = useAppState((state) => state.snapshot?.events);
  const [routine, setRoutine] = useState(false);
  const events = useMemo(() => all && shownEvents(all, routine), [all, routine]);
  const newestAt = events?.[0]?.at ?? 0;
  return (
    <section className="events" aria-labelledby="events-title">
      <div className="events-head">
        <h2 id="events-title" className="label">
          Events
        </h2>
        <button type="button" className="chip" aria-pressed={routine} onClick={() => setRoutine(!routine)}>
          Busy and ready
        </button>
      </div>
      {events?.length ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: one stop for the whole list, which scrolls
        <ol className="event-list" tabIndex={0} aria-labelledby="events-title" onKeyDown={walkEvents}>
          {events.map((event) => (
            <EventLine key={event.id} event={event} newestAt={newestAt} />
          ))}
        </ol>
      ) : (
        <p className="dim">Nothing has happened yet.</p>
      )}
    </section>
  );
}

/** Arrow up and down go from worker to worker, so that Tab does not have to. */
function walkEvents(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const next = at < 0 ? buttons[0] : buttons[at + step];
  next?.focus();
  event.preventDefault();
}

const EventLine = memo(function EventLine({ event, newestAt }: { event: MonitorEvent; newestAt: number }) {
  const { actions } = useApp();
  const { workerId } = event;
  const sign = eventSign(event);
  const word = eventWord(event);
  // The summary of a kill begins with the worker's name already.
  const name = event.workerName !== null && !event.text.startsWith(event.workerName) ? event.workerName : null;
  const words = (
    <>
      {name !== null && (
        <>
          <strong>{name}</strong>
          {word === null ? ': ' : ' '}
        </>
      )}
      {word !== null && <span className={`event-word tone-${sign.tone}`}>{word}: </span>}
      {event.text}
    </>
  );
  return (
    <li className={sign.tone === 'red' || sign.tone === 'amber' ? 'event' : 'event event-quiet'}>
      <time dateTime={new Date(event.at).toISOString()}>{formatTime(event.at, newestAt)}</time>
      <Mark sign={sign} />
      {workerId === null ? (
        <span className="event-words">{words}</span>
      ) : (
        <button type="button" className="event-words" tabIndex={-1} onClick={() => actions.select(workerId)}>
          {words}
        </button>
      )}
    </li>
  );
});
