import type { HistoryPoint } from '../../shared/model';
import type { Connection } from '../sqlite/connection';
import { beginOf, LEVELS } from './schema';
import { STATEMENTS } from './statements';

/** Rows of one level, of which the first begins at or after `fromAt`, the last before `untilAt`. */
interface Part {
  spanMs: number;
  fromAt: number;
  untilAt: number;
}

/**
 * Rows of all levels together, put into as many slots as are asked for: sums are added, the greatest value stays. (Numbers
 * are handed to SQLite as floating-point ones, which would not divide to whole slots.)
 */
const POINTS = `
  WITH rows AS (${LEVELS.map((_level, index) => partOf(index)).join(' UNION ALL ')})
  SELECT
    min(at) AS at,
    max(at + span_ms) - min(at) AS spanMs,
    sum(instant_rate_sum) / sum(samples) AS instantRate,
    max(instant_rate_max) AS instantRateMax,
    sum(traffic_rate_sum) / sum(samples) AS trafficRate,
    max(traffic_rate_max) AS trafficRateMax,
    sum(idle_timeout_ms_sum) / sum(samples) AS idleTimeoutMs,
    max(since_traffic_ms_max) AS sinceTrafficMs,
    sum(memory_used_bytes_sum) / sum(samples) AS memoryUsedBytes,
    max(memory_used_bytes_max) AS memoryUsedMaxBytes,
    sum(workers_rss_bytes_sum) / nullif(sum(workers_rss_samples), 0) AS workersRssBytes,
    max(workers_rss_bytes_max) AS workersRssMaxBytes,
    max(busy_max) AS busyMax,
    max(waiting_max) AS waitingMax,
    max(wrong_max) AS wrongMax
  FROM rows GROUP BY CAST(max(at, :fromAt) AS INTEGER) / CAST(:slotMs AS INTEGER) ORDER BY at`;

function partOf(index: number): string {
  return `SELECT * FROM figures WHERE span_ms = :span${index} AND at >= :from${index} AND at < :until${index}`;
}

/** See Journal.points. */
export function readPoints(connection: Connection, fromAt: number, untilAt: number, limit: number): HistoryPoint[] {
  const from = Math.max(0, Math.floor(fromAt));
  const until = Math.ceil(untilAt);
  if (until <= from || limit < 1) return [];
  const slotMs = slotFor(from, until, Math.floor(limit));
  const bound = partsOf(connection, from, until, slotMs).flatMap(({ spanMs, fromAt, untilAt }, index) => [
    [`span${index}`, spanMs],
    [`from${index}`, fromAt],
    [`until${index}`, untilAt],
  ]);
  const rows = connection.statement(POINTS).all({ ...Object.fromEntries(bound), fromAt: from, slotMs });
  return rows.map((row) => ({ ...row }) as unknown as HistoryPoint);
}

/**
 * The length of a slot. Slots begin at multiples of it, so that a peak does not wander from one to the next while time
 * goes on; that makes one more of them than their length alone would.
 */
function slotFor(from: number, until: number, limit: number): number {
  if (limit === 1) return until;
  const leastMs = (until - from) / (limit - 1);
  const spanMs = finestSeen(leastMs);
  return Math.ceil(leastMs / spanMs) * spanMs;
}

/** The span of the coarsest level whose rows are no longer than a slot: nothing finer could be seen. */
function finestSeen(slotMs: number): number {
  const seen = LEVELS.filter(({ spanMs }, index) => index === 0 || spanMs <= slotMs);
  return Math.max(...seen.map(({ spanMs }) => spanMs));
}

/**
 * For each level its share of the time: from the finest that can be seen as far back as it goes, before that from the next
 * coarser one. No sample is counted twice: the border lies where a row of the coarser level begins, and finer rows are
 * dropped by whole coarser ones.
 */
function partsOf(connection: Connection, from: number, until: number, slotMs: number): Part[] {
  const finestMs = finestSeen(slotMs);
  let border = until;
  return LEVELS.map(({ spanMs }, index) => {
    if (spanMs < finestMs) return { spanMs, fromAt: 0, untilAt: 0 };
    const part = { spanMs, fromAt: Math.max(0, from - spanMs + 1), untilAt: border };
    const coarser = LEVELS[index + 1];
    const first: number | null = connection.statement(STATEMENTS.firstFigureBetween).get({ ...part })?.at ?? null;
    if (coarser && (first !== null || border < until)) border = beginOf(first ?? border, coarser.spanMs);
    return part;
  });
}
