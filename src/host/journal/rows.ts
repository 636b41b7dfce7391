import type { Figures, LoggedEvent, Silence } from '../../shared/model';
import type { Connection } from '../sqlite/connection';
import type { Batch, WaitingEvent } from './backlog';
import { beginOf, LEVELS } from './schema';
import { STATEMENTS } from './statements';

/** What belongs to one event takes up so much at most. */
const DATA_MAX_CHARACTERS = 256 * 1024;

/**
 * Null where there is none. What cannot be written as JSON, or is too long, is replaced by words that say so, and by the
 * plan it belongs to: by that it is known what is told of a kill.
 */
export function asJson(data: unknown): string | null {
  if (data === undefined) return null;
  try {
    const text = JSON.stringify(data) as string | undefined;
    if (text === undefined) return null;
    if (text.length <= DATA_MAX_CHARACTERS) return text;
    const { planId } = data as { planId?: unknown };
    const leftOut = `${text.length} characters: more than ${DATA_MAX_CHARACTERS} are not kept`;
    return JSON.stringify({ ...(typeof planId === 'string' ? { planId: planId.slice(0, 200) } : {}), leftOut });
  } catch (error) {
    return JSON.stringify({ leftOut: (error as Error).message });
  }
}

/**
 * Write a batch into an open transaction. Returns its events as they are kept: an id that is taken already, because
 * another program wrote meanwhile or nobody could say at the start which was the last, becomes the next free one.
 * `lastId`: the greatest this program knows of, which a new file must not fall behind.
 */
export function writeBatch(connection: Connection, batch: Batch, lastId: number): LoggedEvent[] {
  const inFile = lastEventIdIn(connection);
  if (inFile < lastId) {
    connection.statement(STATEMENTS.dropLastEventId).run();
    connection.statement(STATEMENTS.noteLastEventId).run(lastId);
  }
  let last = Math.max(inFile, lastId);
  for (const figures of batch.figures) addFigures(connection, figures);
  for (const silence of batch.silences) insertSilence(connection, silence);
  return batch.events.map((waiting) => {
    const id = Math.max(waiting.event.id, last + 1);
    last = id;
    insertEvent(connection, id, waiting);
    return id === waiting.event.id ? waiting.event : { ...waiting.event, id };
  });
}

export function lastEventIdIn(connection: Connection): number {
  return connection.statement(STATEMENTS.lastEventId).get()?.seq ?? 0;
}

function insertEvent(connection: Connection, id: number, { event, data }: WaitingEvent): void {
  const { kind, workerId, workerName, text } = event;
  const at = Math.round(event.at);
  connection.statement(STATEMENTS.insertEvent).run({ id, at, kind, workerId, workerName, text, data });
}

export function eventOf(row: Record<string, unknown>): LoggedEvent {
  const event = {
    id: row.id,
    at: row.at,
    kind: row.kind,
    workerId: row.worker_id,
    workerName: row.worker_name,
    text: row.text,
  } as LoggedEvent;
  return row.data === null ? event : { ...event, data: JSON.parse(row.data as string) };
}

function insertSilence(connection: Connection, silence: Silence): void {
  const { workerId, workerName, source, clock, end } = silence;
  connection.statement(STATEMENTS.insertSilence).run({
    ...{ workerId, workerName, source, clock, end },
    silentFrom: Math.round(silence.silentFrom),
    lengthMs: Math.round(silence.lengthMs),
    thresholdMs: Math.round(silence.thresholdMs),
    intervalMs: rounded(silence.intervalMs),
    commandMs: rounded(silence.commandMs),
    ownLimitMs: rounded(silence.ownLimitMs),
    excusedUntil: rounded(silence.excusedUntil),
    couldEnd: silence.couldEnd ? 1 : 0,
    endedAt: Math.round(silence.endedAt),
  });
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

export function silenceOf(row: Record<string, unknown>): Silence {
  return {
    workerId: row.worker_id,
    workerName: row.worker_name,
    source: row.source,
    clock: row.clock,
    silentFrom: row.silent_from,
    lengthMs: row.length_ms,
    thresholdMs: row.threshold_ms,
    intervalMs: row.interval_ms,
    commandMs: row.command_ms,
    ownLimitMs: row.own_limit_ms,
    excusedUntil: row.excused_until,
    couldEnd: row.could_end === 1,
    end: row.end,
    endedAt: row.ended_at,
  } as Silence;
}

/** Into its row of every level. */
function addFigures(connection: Connection, { at, ...figures }: Figures): void {
  const values = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, finite(value)]));
  for (const { spanMs } of LEVELS) {
    connection.statement(STATEMENTS.addFigures).run({ ...values, spanMs, at: beginOf(at, spanMs) });
  }
}

/** One rate that came out wrong must not keep everything else from being written. */
function finite(value: number | null): number | null {
  return value === null || Number.isFinite(value) ? value : 0;
}
