import { memo } from 'react';
import type { MonitorEvent } from '../../shared/model';
import { useApp, useAppState } from '../context';
import { eventSign, formatTime } from '../logic/words';
import { Mark } from './mark';

/** What happened lately, newest first; a click shows the worker. */
export function Events() {
  const events = useAppState((state) => state.snapshot?.events);
  const newestAt = events?.[0]?.at ?? 0;
  return (
    <section className="events" aria-labelledby="events-title">
      <h2 id="events-title" className="label">
        Events
      </h2>
      {events?.length ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard
        <ol className="event-list" tabIndex={0} aria-labelledby="events-title">
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

const EventLine = memo(function EventLine({ event, newestAt }: { event: MonitorEvent; newestAt: number }) {
  const { actions } = useApp();
  const { workerId } = event;
  const words = (
    <>
      {event.workerName && <strong>{event.workerName}</strong>} {event.text}
    </>
  );
  return (
    <li className="event">
      <time dateTime={new Date(event.at).toISOString()}>{formatTime(event.at, newestAt)}</time>
      <Mark sign={eventSign(event)} />
      {workerId === null ? (
        <span className="event-words">{words}</span>
      ) : (
        <button type="button" className="event-words" onClick={() => actions.select(workerId)}>
          {words}
        </button>
      )}
    </li>
  );
});
