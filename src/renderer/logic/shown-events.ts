import { isRoutine, type MonitorEvent, type WorkerId } from '../../shared/model';

/**
 * What of the events (newest first) the list shows: work beginning and ending only where that is asked for, and what was
 * meant to be done to a worker only until it is told what came of it.
 */
export function shownEvents(events: readonly MonitorEvent[], routine: boolean): MonitorEvent[] {
  /** Workers of whose end the outcome, which is newer, was met. */
  const told = new Set<WorkerId | null>();
  return events.filter((event) => {
    const { kind, workerId } = event;
    if (kind === 'kill_ended' || kind === 'kill_failed') told.add(workerId);
    else if (kind === 'kill_intent') return !told.delete(workerId);
    return routine || !isRoutine(event);
  });
}
