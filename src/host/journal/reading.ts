import type { Journal } from '../../engine/journal';
import type { LoggedEvent } from '../../shared/model';
import type { Connection } from '../sqlite/connection';
import type { Database } from '../sqlite/database';
import { readPoints } from './points';
import { eventOf, silenceOf } from './rows';
import { beginOf, LEVELS } from './schema';
import { STATEMENTS } from './statements';

type Reading = Pick<
  Journal,
  'eventsAfter' | 'latestEvents' | 'killsOfPlan' | 'firstEventAt' | 'points' | 'silences' | 'since'
>;

/** What can be asked of the journal. `waiting`: events that were told and are not in the file yet, oldest first. */
export function createReading(database: Database, waiting: () => LoggedEvent[]): Reading {
  return {
    eventsAfter(id, limit) {
      const kept = database.read((file) => file.statement(STATEMENTS.eventsAfter).all({ id, limit })).map(eventOf);
      return [...kept, ...waiting().filter((event) => event.id > id)].slice(0, limit);
    },
    latestEvents(limit) {
      const kept = database.read((file) => file.statement(STATEMENTS.latestEvents).all({ limit })).map(eventOf);
      return [...kept.reverse(), ...waiting()].slice(-limit);
    },
    killsOfPlan: (planId) =>
      database.read((file) => file.statement(STATEMENTS.killsOfPlan).all({ planId })).map(({ kind }) => kind),
    firstEventAt: () => database.read((file) => file.statement(STATEMENTS.firstEventAt).get())?.at ?? null,
    points: (fromAt, untilAt, limit) => database.read((file) => readPoints(file, fromAt, untilAt, limit)),
    silences: (fromAt) =>
      database.read((file) => file.statement(STATEMENTS.silences).all({ fromAt: Math.floor(fromAt) })).map(silenceOf),
    since: () => database.read(firstAt),
  };
}

/** Of the oldest thing that is kept; null: there is none. */
export function firstAt(connection: Connection): number | null {
  const known = [
    connection.statement(STATEMENTS.firstEventAt).get(),
    connection.statement(STATEMENTS.firstSilenceAt).get(),
    { at: firstFigureAt(connection) },
  ].flatMap((row) => row?.at ?? []);
  return known.length ? Math.min(...known) : null;
}

/** By the finest row that tells it: the coarser one it lies in began before. */
function firstFigureAt(connection: Connection): number | null {
  let first: number | null = null;
  for (const { spanMs } of LEVELS) {
    const at: number | null = connection.statement(STATEMENTS.firstFigureAt).get({ spanMs })?.at ?? null;
    if (at !== null && (first === null || at < beginOf(first, spanMs))) first = at;
  }
  return first;
}
