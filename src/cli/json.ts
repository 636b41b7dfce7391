import type { RunCheck } from '../engine/monitor-types';
import {
  type Evidence,
  eventName,
  type HeartbeatContent,
  type LoggedEvent,
  type Snapshot,
  type WorkerReport,
  type WorkerRow,
} from '../shared/model';

/** Raised when a field changes its meaning or goes; new fields do not raise it. */
export const SCHEMA = 1;

/** JSON for programs, indented for people. Ends with a line break. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** One line of JSON, for a program that reads line by line. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** The answer of `idlewatch status --json`, as docs/cli.md describes it. */
export function statusJson(snapshot: Snapshot, runs: RunCheck[]): object {
  return {
    schema: SCHEMA,
    ...headJson(snapshot),
    issuesFound: runs.flatMap((run) => run.issuesFound),
    workers: runs.flatMap((run) => run.workers).map(reportJson),
  };
}

/** The whole at one moment. */
export function headJson(snapshot: Snapshot): object {
  const { isIdle, reason, trafficRate, idleTimeoutMs, trafficCount } = snapshot.idle;
  const sinceTrafficMs = whole(snapshot.idle.sinceTrafficMs);
  return {
    takenAt: time(snapshot.takenAt),
    overall: snapshot.overall,
    sentence: snapshot.sentence,
    idle: { isIdle, reason, trafficRate, idleTimeoutMs, sinceTrafficMs, trafficCount },
    memory: snapshot.memory,
  };
}

/** A worker as every answer in JSON shows it. */
export function workerJson(row: WorkerRow): object {
  const { id, runId, source, parentId, name, role, health, state, reason, failure, needsPerson, snoozed, idle } = row;
  const { inboxCount, outboxCount, pid, liveness, usage } = row;
  return {
    ...{ id, runId, source, parentId, name, role, health, state, reason, failure },
    since: time(row.since),
    ...{ needsPerson, snoozed },
    lastHeartbeatAt: time(row.lastHeartbeatAt),
    heartbeatAgeMs: whole(row.heartbeatAgeMs),
    ...{ inboxCount, outboxCount, pid, liveness },
    idle: idle && { status: idle.status, activeAt: time(idle.activeAt), thresholdMs: idle.thresholdMs },
    usage,
  };
}

/** The same with what the verdict rests on. */
export function reportJson(report: WorkerReport): object {
  return {
    ...workerJson(report),
    heartbeatContent: report.heartbeatContent && heartbeat(report.heartbeatContent),
    evidence: report.evidence.map(evidence),
  };
}

/** An event, by the name that the API gives it. */
export function eventJson(event: LoggedEvent): object {
  const { id, workerId, workerName, text, data } = event;
  return { id, at: time(event.at), event: eventName(event), workerId, workerName, text, ...(data ? { data } : {}) };
}

function heartbeat(content: HeartbeatContent): object {
  const { task } = content;
  return {
    ...content,
    startedAt: time(content.startedAt),
    silentUntil: time(content.silentUntil),
    task: task && { ...task, startedAt: time(task.startedAt) },
  };
}

function evidence({ kind, level, text, at, ageMs }: Evidence): object {
  return { kind, level, text, at: time(at), ageMs: whole(ageMs) };
}

function whole(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}

/** RFC 3339 in UTC with milliseconds; null stays null. */
export function time(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
