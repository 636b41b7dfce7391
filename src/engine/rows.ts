import { harmless, plural } from '../shared/format';
import type { Evidence, WorkerDetail, WorkerReport, WorkerRow } from '../shared/model';
import { ageOf, type Instant } from './observe/facts';
import { type InFlight, inFlightFact } from './observe/in-flight';
import { type Limits, limitsFor, type Verdict } from './observe/verdict';
import type { ProcessWatch } from './process-watch';
import type { Moment, Reading } from './sources/source';
import { isBad, WHY_GONE, type WorkerRecord } from './worker-record';

const LOG_TAIL_BYTES = 16 * 1024;
const LOG_TAIL_LINES = 60;
const LOG_LINE_MAX = 500;

/** The line of the table for one worker, as last judged; made only when something changed. */
export function rowOf(record: WorkerRecord, limits: Limits, windowStart: number): WorkerRow {
  record.row ??= buildRow(record, limits, windowStart);
  return record.row;
}

function buildRow(record: WorkerRecord, limits: Limits, windowStart: number): WorkerRow {
  const { reading, verdict, process } = record;
  const judged: Instant = { ...record.judgedAt, windowStart };
  const beat = reading?.heartbeat?.beat ?? null;
  const raised = reading ? limitsFor(reading, limits) : limits;
  return {
    id: record.id,
    runId: reading?.runId ?? '',
    source: record.source.kind,
    name: reading?.name ?? record.id,
    role: reading?.role ?? null,
    path: reading?.path ?? '',
    state: verdict?.state ?? 'starting',
    health: verdict?.health ?? 'unknown',
    reason: reasonOf(verdict, reading),
    failure: failureOf(record),
    since: record.since,
    judgedAt: record.judgedAt.at,
    lastHeartbeatAt: beat?.at ?? null,
    heartbeatAgeMs: ageOf(beat, judged),
    lifeAgeMs: newestAge([beat, reading?.otherLife ?? null, reading?.request ?? null], judged),
    heartbeatMissingMs: raised.heartbeatMissingMs,
    heartbeatStaleMs: raised.heartbeatStaleMs,
    inboxCount: reading?.inboxCount ?? null,
    outboxCount: reading?.outboxCount ?? null,
    pid: process.shown?.pid ?? null,
    liveness: process.liveness,
    cpuPercent: record.usage?.cpuPercent ?? null,
    rssBytes: record.usage?.rssBytes ?? null,
    snoozed: record.snoozed,
    needsPerson: isBad(record) && !record.snoozed,
    canEnd: canEnd(record),
    snoozedUntil: record.snoozed ? (record.snoozedUntil?.at ?? null) : null,
    parentId: reading?.parentId ?? record.runsIn?.workerId ?? null,
    usage: reading?.usage ?? null,
    idle: record.idle,
    keepAlive: record.keepAlive,
    suggestion: record.suggestion,
  };
}

/** Whoever was ended from idlewatch has not failed, whatever it says of its end. */
function failureOf({ verdict, reading, ended }: WorkerRecord): WorkerRow['failure'] {
  if (verdict?.state !== 'stopped' || ended !== null) return null;
  const end = reading?.howEnded;
  return end === 'failed' || end === 'timed_out' ? end : null;
}

/** Ending is offered for what is wrong, and for a process that outlived its worker's farewell. */
function canEnd(record: WorkerRecord): boolean {
  const { verdict, process } = record;
  return (isAlive(process) && verdict?.state === 'stopped') || (isBad(record) && isReachable(record));
}

/** Something of it is known that could be ended. */
export function isReachable(record: WorkerRecord): boolean {
  return isAlive(record.process) || hasLeftBehind(record) || canAbort(record);
}

function isAlive({ liveness, identity }: WorkerRecord['process']): boolean {
  return liveness === 'alive' && identity !== null;
}

/** Its server answers and can be asked to end it. */
function canAbort({ reading, process }: WorkerRecord): boolean {
  return reading?.abort != null && process.liveness === 'alive';
}

/** Something of a worker lives on though its own process is gone. */
function hasLeftBehind({ process, leftBehind }: WorkerRecord): boolean {
  return process.liveness === 'gone' && leftBehind.length > 0;
}

function reasonOf(verdict: Verdict | null, reading: Reading | null): string {
  const reason = verdict?.reason ?? 'Being read';
  const problem = reading?.problems[0];
  return problem ? `${reason} · ${problem}` : reason;
}

function newestAge(moments: (Moment | null)[], now: Instant): number | null {
  let least: number | null = null;
  for (const moment of moments) {
    const age = ageOf(moment, now);
    if (age !== null && (least === null || age < least)) least = age;
  }
  return least;
}

/** The row with everything its verdict rests on. */
export function reportOf(record: WorkerRecord, limits: Limits, windowStart: number): WorkerReport {
  const row = rowOf(record, limits, windowStart);
  if (record.report?.row !== row) record.report = { row, report: buildReport(record, row, windowStart) };
  return record.report.report;
}

function buildReport(record: WorkerRecord, row: WorkerRow, windowStart: number): WorkerReport {
  return {
    ...row,
    heartbeatContent: record.reading?.heartbeat?.content ?? null,
    process: record.process.shown,
    evidence: evidenceOf(record, windowStart),
  };
}

/** The report with what only a look at the selected worker is worth: its processes and the end of its log. */
export function detailOf(
  record: WorkerRecord,
  limits: Limits,
  windowStart: number,
  processes: ProcessWatch,
): WorkerDetail {
  const tail = record.source.logTail(record.id, LOG_TAIL_BYTES);
  const lines =
    tail?.text
      .replace(/\r?\n$/, '')
      .split(/\r?\n/)
      .slice(-LOG_TAIL_LINES) ?? [];
  return {
    ...reportOf(record, limits, windowStart),
    processes: processes.tree(record),
    attachCommand: record.reading?.attachCommand ?? null,
    openTasks: record.tasks,
    logTail: tail && { file: harmless(tail.file, 100), lines: lines.map((line) => harmless(line, LOG_LINE_MAX)) },
  };
}

function evidenceOf(record: WorkerRecord, windowStart: number): Evidence[] {
  const { reading, process, inFlight } = record;
  if (!reading) return [];
  const now: Instant = { ...record.judgedAt, windowStart };
  const item = (
    kind: Evidence['kind'],
    text: string,
    moment: Moment | null,
    level: Evidence['level'] = 'info',
  ): Evidence => ({
    kind,
    text,
    at: moment?.at ?? null,
    ageMs: ageOf(moment, now),
    level,
  });
  const items: Evidence[] = [];
  if (reading.heartbeat) items.push(heartbeatEvidence(reading.heartbeat, item));
  if (reading.clockSkew) items.push(item('clock_skew', reading.clockSkew, null, 'warn'));
  for (const trace of reading.traces)
    items.push(item(trace.kind, trace.text, trace.moment, trace.fault ? 'fault' : 'info'));
  if (reading.command) items.push(item('command', `“${reading.command.label}” is running`, reading.command.started));
  if (reading.request) items.push(item('request', 'a model request is open', reading.request));
  if (inFlight && hasShownWork(record)) items.push(item('in_flight', inFlightText(inFlight, reading), inFlight));
  const isOver = process.liveness === 'gone' && record.verdict?.state === 'stopped';
  const isDoubtful = process.liveness === 'gone' || (process.shown && !process.shown.verified);
  const level = isDoubtful && !isOver ? 'warn' : 'info';
  items.push(item('process', processText(record), null, level));
  if (hasLeftBehind(record)) items.push(item('process', leftBehindText(record), null, 'warn'));
  if (reading.specWritten) items.push(item('spec', 'worker-spec.json', reading.specWritten));
  for (const problem of reading.problems) items.push(item('spec', problem, null, 'fault'));
  items.push(item('first_seen', 'by idlewatch', record.firstSeen));
  return items;
}

/** Its processes were asked, and are at work. */
function hasShownWork({ inFlight, reading }: WorkerRecord): boolean {
  return inFlightFact(inFlight, reading?.thinksSilently ?? false)?.isMeasured === true;
}

function inFlightText({ cpuPercent, connections }: InFlight, { worksIn }: Reading): string {
  const whose = worksIn ? `process ${worksIn.process.pid}, in which nobody else is at work, ` : '';
  const used = `${whose}uses ${Math.max(1, Math.round(cpuPercent ?? 0))} % of a core`;
  return connections ? `${used}, ${plural(connections, 'connection', 'connections')} open` : used;
}

function leftBehindText({ leftBehind }: WorkerRecord): string {
  const pids = leftBehind.map(({ pid }) => pid).join(', ');
  return `${plural(leftBehind.length, 'process of it lives', 'processes of it live')} on: ${pids}`;
}

type Item = (kind: Evidence['kind'], text: string, moment: Moment | null, level?: Evidence['level']) => Evidence;

function heartbeatEvidence({ beat, content, fault }: NonNullable<Reading['heartbeat']>, item: Item): Evidence {
  if (!fault) return item('heartbeat', content?.status ? `“${content.status}”` : 'without a status', beat);
  const detail = 'detail' in fault ? `: ${fault.detail}` : '';
  const words = {
    missing: 'missing',
    unreadable: 'cannot be read',
    invalid_json: 'invalid JSON',
    no_timestamp: 'no timestamp',
  };
  return item('heartbeat', `${words[fault.kind]}${detail}`, beat, 'fault');
}

function processText({ process }: WorkerRecord): string {
  if (!process.shown) return process.reason;
  const { pid, verified, why } = process.shown;
  if (process.liveness === 'gone') return why === WHY_GONE || verified ? `${pid} gone` : `${pid} gone: ${why}`;
  return `${pid} ${process.liveness}, ${verified ? 'verified' : 'not verified'}: ${why}`;
}
