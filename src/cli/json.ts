import type { RunCheck } from '../engine/monitor-types';
import type { Evidence, HeartbeatContent, Snapshot, WorkerReport } from '../shared/model';

/** Raised when a field changes its meaning or goes; new fields do not raise it. */
export const SCHEMA = 1;

/** JSON for programs, indented for people. Ends with a line break. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The answer of `idlewatch status --json`, as docs/cli.md describes it. */
export function statusJson(snapshot: Snapshot, runs: RunCheck[]): object {
  const { isIdle, reason, trafficRate, idleTimeoutMs, trafficCount } = snapshot.idle;
  const sinceTrafficMs = whole(snapshot.idle.sinceTrafficMs);
  return {
    schema: SCHEMA,
    takenAt: time(snapshot.takenAt),
    overall: snapshot.overall,
    sentence: snapshot.sentence,
    idle: { isIdle, reason, trafficRate, idleTimeoutMs, sinceTrafficMs, trafficCount },
    memory: snapshot.memory,
    issuesFound: runs.flatMap((run) => run.issuesFound),
    workers: runs.flatMap((run) => run.workers).map(worker),
  };
}

function worker(report: WorkerReport): object {
  const { id, runId, source, name, role, health, state, reason, inboxCount, outboxCount } = report;
  return {
    id,
    runId,
    source,
    name,
    role,
    health,
    state,
    reason,
    lastHeartbeatAt: time(report.lastHeartbeatAt),
    heartbeatAgeMs: whole(report.heartbeatAgeMs),
    heartbeatContent: report.heartbeatContent && heartbeat(report.heartbeatContent),
    inboxCount,
    outboxCount,
    pid: report.pid,
    liveness: report.liveness,
    evidence: report.evidence.map(evidence),
  };
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
