import {
  type Delta,
  EVENTS_KEPT,
  isRoutine,
  type MonitorEvent,
  ROUTINE_EVENTS_KEPT,
  SERIES_KEPT,
  type Snapshot,
} from './model';

/**
 * Fold a delta into the snapshot it follows.
 *
 * Returns null when the delta does not follow (`seq` is not the next one): the caller then asks for a full snapshot.
 * Rows keep their identity when they did not change, so a view can compare by reference.
 */
export function applyDelta(snapshot: Snapshot, delta: Delta): Snapshot | null {
  if (delta.head.seq !== snapshot.seq + 1) return null;
  return {
    ...delta.head,
    workers: mergeRows(snapshot, delta),
    events: delta.events.length ? keptEvents([...delta.events, ...snapshot.events]) : snapshot.events,
    series: delta.series.length ? [...snapshot.series, ...delta.series].slice(-SERIES_KEPT) : snapshot.series,
    detail: delta.detail === undefined ? snapshot.detail : delta.detail,
  };
}

/** A delta that follows nothing: whoever folds it asks for the full picture. */
export function newPicture({
  workers: _workers,
  events: _events,
  series: _series,
  detail: _detail,
  ...head
}: Snapshot): Delta {
  const seq = Number.MAX_SAFE_INTEGER;
  return { head: { ...head, seq }, changed: [], removed: [], events: [], series: [] };
}

/** What is kept of events, newest first: each kind of them for itself, so that it is the same however they came. */
export function keptEvents(events: MonitorEvent[]): MonitorEvent[] {
  let routine = ROUTINE_EVENTS_KEPT;
  let other = EVENTS_KEPT;
  return events.filter((event) => (isRoutine(event) ? routine-- : other--) > 0);
}

function mergeRows(snapshot: Snapshot, delta: Delta): Snapshot['workers'] {
  if (!delta.changed.length && !delta.removed.length) return snapshot.workers;
  const changed = new Map(delta.changed.map((row) => [row.id, row]));
  const removed = new Set(delta.removed);
  const kept = snapshot.workers
    .filter((row) => !removed.has(row.id))
    .map((row) => {
      const next = changed.get(row.id);
      changed.delete(row.id);
      return next ?? row;
    });
  return [...kept, ...changed.values()];
}
