import { z } from 'zod';
import {
  type Evidence,
  type HeartbeatContent,
  type IdleStatus,
  type OpenTask,
  type ProcessNode,
  SOURCE_KINDS,
  type Usage,
  WORKER_STATES,
  type WorkerDetail,
  type WorkerProcess,
  type WorkerReport,
  type WorkerRow,
} from '../../../shared/model';
import { describes } from './named';

const at = z.number().describe('Milliseconds since 1970-01-01 UTC.');
const ms = z.number().describe('Milliseconds.');
const pid = z.int();
export const workerId = z.string().describe('Names one worker for good: source, colon, path or key.');

const idleStatus = describes<IdleStatus>()(
  'IdleStatus',
  z.strictObject({ status: z.enum(['active', 'idle', 'timed_out']), activeAt: at.nullable(), thresholdMs: ms }),
);

const openTask = describes<OpenTask>()(
  'OpenTask',
  z.strictObject({
    id: z.string(),
    title: z.string().nullable(),
    state: z.string(),
    since: at.nullable(),
    idle: idleStatus,
  }),
);

const usage = describes<Usage>()(
  'Usage',
  z.strictObject({ tokens: z.number().nullable(), cost: z.number().nullable().describe('US dollars.') }),
);

const evidence = describes<Evidence>()(
  'Evidence',
  z.strictObject({
    kind: z.enum([
      ...(['heartbeat', 'outbox', 'inbox', 'wire_events', 'log', 'request', 'process', 'command', 'spec'] as const),
      ...(['session', 'run_time', 'report', 'transcript', 'in_flight', 'task', 'first_seen', 'clock_skew'] as const),
    ]),
    text: z.string(),
    at: at.nullable(),
    ageMs: ms.nullable(),
    level: z.enum(['info', 'warn', 'fault']),
  }),
);

const heartbeatContent = describes<HeartbeatContent>()(
  'HeartbeatContent',
  z.strictObject({
    status: z.string().nullable(),
    name: z.string().nullable(),
    ts: z.string().nullable(),
    pid: pid.nullable(),
    startedAt: at.nullable(),
    intervalMs: ms.nullable(),
    task: z
      .strictObject({ id: z.string().nullable(), title: z.string().nullable(), startedAt: at.nullable() })
      .nullable(),
    phase: z.string().nullable(),
    progress: z.string().nullable(),
    silentUntil: at.nullable(),
    message: z.string().nullable(),
  }),
);

const workerProcess = describes<WorkerProcess>()(
  'WorkerProcess',
  z.strictObject({
    pid,
    startedAt: at.nullable(),
    from: z.enum(['heartbeat', 'spec', 'session', 'supervisor', 'report', 'open_file', 'mark']),
    verified: z.boolean().describe('Only a verified process can be ended from idlewatch.'),
    why: z.string(),
  }),
);

const row = {
  id: workerId,
  runId: z.string(),
  source: z.enum(SOURCE_KINDS),
  name: z.string(),
  role: z.string().nullable(),
  path: z.string(),
  state: z.enum(WORKER_STATES),
  health: z.enum(['healthy', 'late', 'stalled', 'dead', 'unknown']),
  reason: z.string().describe('The verdict in words.'),
  failure: z.enum(['failed', 'timed_out']).nullable().describe('It has stopped, and not as it should.'),
  since: at.describe('When the state began.'),
  judgedAt: at,
  lastHeartbeatAt: at.nullable(),
  heartbeatAgeMs: ms.nullable(),
  lifeAgeMs: ms.nullable(),
  heartbeatMissingMs: ms,
  heartbeatStaleMs: ms,
  inboxCount: z.int().nullable(),
  outboxCount: z.int().nullable(),
  pid: pid.nullable(),
  liveness: z.enum(['alive', 'gone', 'unknown']),
  cpuPercent: z.number().nullable(),
  rssBytes: z.number().nullable(),
  snoozed: z.boolean(),
  snoozedUntil: at.nullable(),
  parentId: workerId.nullable(),
  usage: usage.nullable(),
  idle: idleStatus.nullable().describe('Of sessions and tasks alone.'),
  needsPerson: z.boolean().describe('Stalled or dead, and not snoozed.'),
  canEnd: z.boolean(),
  keepAlive: z.boolean(),
  suggestion: z.string().nullable(),
};

export const workerRow = describes<WorkerRow>()('WorkerRow', z.strictObject(row));

const report = {
  ...row,
  heartbeatContent: heartbeatContent.nullable(),
  process: workerProcess.nullable(),
  evidence: z.array(evidence).describe('Every fact the verdict rests on.'),
};

export const workerReport = describes<WorkerReport>()('WorkerReport', z.strictObject(report));

const processNode = describes<ProcessNode>()(
  'ProcessNode',
  z.strictObject({
    pid,
    ppid: pid,
    depth: z.int(),
    command: z.string(),
    startedAt: at.nullable(),
    cpuPercent: z.number().nullable(),
    rssBytes: z.number(),
  }),
);

export const workerDetail = describes<WorkerDetail>()(
  'WorkerDetail',
  z.strictObject({
    ...report,
    processes: z.array(processNode),
    logTail: z.strictObject({ file: z.string(), lines: z.array(z.string()) }).nullable(),
    attachCommand: z.string().nullable(),
    openTasks: z.array(openTask),
  }),
);
