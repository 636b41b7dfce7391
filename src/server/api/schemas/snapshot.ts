import { z } from 'zod';
import { EVENT_KINDS } from '../../../shared/event-names';
import {
  HISTORY_POINTS_MAX,
  HISTORY_RANGES,
  type HistoryPoint,
  type IdleStats,
  type KeepingStatus,
  type LoggedEvent,
  type MemoryStats,
  type MonitorEvent,
  type PolicyStatus,
  type RootStatus,
  type SeriesPoint,
  type Snapshot,
  WORKER_STATES,
} from '../../../shared/model';
import { describes } from './named';
import { workerDetail, workerId, workerRow } from './worker';

const at = z.number().describe('Milliseconds since 1970-01-01 UTC.');
const ms = z.number().describe('Milliseconds.');
const bytes = z.number().describe('Bytes.');
const rate = z.number().describe('A second.');

const event = {
  id: z.int(),
  at,
  kind: z.enum(EVENT_KINDS),
  workerId: workerId.nullable(),
  workerName: z.string().nullable(),
  text: z.string(),
};
const monitorEvent = describes<MonitorEvent>()('MonitorEvent', z.strictObject(event));
export const loggedEvent = describes<LoggedEvent>()(
  'LoggedEvent',
  z.strictObject({ ...event, data: z.unknown().optional().describe('A plan, a receipt, what a setting was and is.') }),
);

export const idleStats = describes<IdleStats>()(
  'IdleStats',
  z.strictObject({
    isIdle: z.boolean(),
    reason: z.string(),
    trafficRate: rate,
    idleTimeoutMs: ms,
    sinceTrafficMs: ms.nullable(),
    trafficCount: z.int(),
  }),
);

const memoryStats = describes<MemoryStats>()(
  'MemoryStats',
  z.strictObject({
    totalBytes: bytes,
    usedBytes: bytes,
    workersRssBytes: bytes.nullable(),
    growing: z.boolean(),
    overThreshold: z.boolean(),
  }),
);

const policyStatus = describes<PolicyStatus>()(
  'PolicyStatus',
  z.strictObject({
    armed: z.boolean(),
    heldBack: z.string().nullable(),
    breaker: z.strictObject({ openedAt: at, reason: z.string() }).nullable(),
  }),
);

const keepingStatus = describes<KeepingStatus>()(
  'KeepingStatus',
  z.strictObject({ failing: z.string().nullable(), waiting: z.int() }),
);

const rootStatus = describes<RootStatus>()(
  'RootStatus',
  z.strictObject({ path: z.string(), workers: z.int(), unreadable: z.string().nullable() }),
);

const seriesPoint = describes<SeriesPoint>()(
  'SeriesPoint',
  z.strictObject({
    at,
    instantRate: rate,
    trafficRate: rate,
    idleTimeoutMs: ms,
    sinceTrafficMs: ms.nullable(),
    memoryUsedBytes: bytes,
    workersRssBytes: bytes.nullable(),
  }),
);

const count = z.int();
const counts = z.strictObject(
  Object.fromEntries(WORKER_STATES.map((state) => [state, count])) as Record<
    (typeof WORKER_STATES)[number],
    typeof count
  >,
);

export const snapshot = describes<Snapshot>()(
  'Snapshot',
  z.strictObject({
    seq: z.int(),
    takenAt: at,
    overall: z.enum(['idle', 'busy', 'stalled']),
    sentence: z.string().describe('The overall state in a sentence.'),
    counts,
    paused: z.boolean(),
    hold: z.strictObject({ reason: z.string(), untilAt: at }).nullable(),
    idle: idleStats,
    memory: memoryStats,
    policy: policyStatus,
    keeping: keepingStatus,
    roots: z.array(rootStatus),
    workers: z.array(workerRow),
    events: z.array(monitorEvent).describe('Newest first.'),
    series: z.array(seriesPoint).describe('Oldest first, every 2 s.'),
    detail: workerDetail.nullable(),
  }),
);

const historyPoint = describes<HistoryPoint>()(
  'HistoryPoint',
  z.strictObject({
    at,
    spanMs: ms,
    instantRate: rate,
    instantRateMax: rate,
    trafficRate: rate,
    trafficRateMax: rate,
    idleTimeoutMs: ms,
    sinceTrafficMs: ms.nullable(),
    memoryUsedBytes: bytes,
    memoryUsedMaxBytes: bytes,
    workersRssBytes: bytes.nullable(),
    workersRssMaxBytes: bytes.nullable(),
    busyMax: count,
    waitingMax: count,
    wrongMax: count,
  }),
);

export const historyRange = z.enum(HISTORY_RANGES);
export const history = z.strictObject({
  range: historyRange,
  points: z.array(historyPoint).describe(`Oldest first, at most ${HISTORY_POINTS_MAX}.`),
});
