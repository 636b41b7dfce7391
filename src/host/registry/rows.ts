import { z } from 'zod';
import type { ProcessAddress } from '../../engine/ports';
import type { LeaseHolder, NewRun, RunChange, RunNotice, RunRecord, RunState } from '../../engine/run-registry';

export interface RunRow {
  id: string;
  name: string;
  key: string | null;
  command: string;
  directory: string;
  working_directory: string;
  supervisor: string;
  child: string | null;
  timeout_ms: number | null;
  idle_timeout_ms: number | null;
  state: RunState;
  started_at: number;
  heartbeat_at: number;
  updated_at: number;
  finished_at: number | null;
  exit_code: number | null;
  signal: string | null;
  reason: string | null;
  output_bytes: number;
  end_requested: string | null;
}

export interface LeaseRow {
  key: string;
  run_id: string;
  holder: string;
  claimed_at: number;
}

export interface NoticeRow {
  id: number;
  run_id: string;
  at: number;
  text: string;
}

/** A process as it is kept, in columns and files. */
export const addressSchema = z.object({
  pid: z.int(),
  startTime: z.string(),
  hostName: z.string(),
  bootId: z.string().nullable(),
  pidNamespace: z.string().nullable(),
});
const words = z.array(z.string());

/** On a machine without a name, which is none: whether it lives is not known, so nothing is done about it. */
const NOBODY: ProcessAddress = { pid: 0, startTime: '', hostName: '', bootId: null, pidNamespace: null };
/** What a date can be, in milliseconds. */
const LATEST_TIME = 8.64e15;

/** Another program may have written the row: what cannot be understood is told as such, and keeps no other from being read. */
export function runOf(row: RunRow): RunRecord {
  return {
    id: row.id,
    name: row.name,
    key: row.key,
    command: words.safeParse(JSON.parse(row.command)).data ?? ['(its command cannot be read)'],
    directory: row.directory,
    workingDirectory: row.working_directory,
    supervisor: addressOf(row.supervisor) ?? NOBODY,
    child: row.child === null ? null : (addressOf(row.child) ?? NOBODY),
    timeoutMs: row.timeout_ms,
    idleTimeoutMs: row.idle_timeout_ms,
    state: row.state,
    startedAt: timeOf(row.started_at),
    heartbeatAt: timeOf(row.heartbeat_at),
    updatedAt: row.updated_at,
    finishedAt: row.finished_at === null ? null : timeOf(row.finished_at),
    exitCode: row.exit_code,
    signal: row.signal,
    reason: row.reason,
    outputBytes: row.output_bytes,
    endRequested: row.end_requested,
  };
}

export function newRunValues(run: NewRun) {
  const { id, name, key, directory, workingDirectory, timeoutMs, idleTimeoutMs } = run;
  const command = JSON.stringify(run.command);
  const supervisor = addressText(run.supervisor);
  return { id, name, key, command, directory, workingDirectory, supervisor, timeoutMs, idleTimeoutMs };
}

/** The columns of a changed run. `outputBytes` null: as it stands in the file, where a beat may have come between. */
export function changedValues(run: RunRecord, change: RunChange) {
  const { child = run.child, state = run.state, exitCode = run.exitCode, signal = run.signal } = change;
  const { reason = run.reason, endRequested = run.endRequested, outputBytes = null } = change;
  return { state, child: child && addressText(child), exitCode, signal, reason, endRequested, outputBytes };
}

export function leaseOf(row: LeaseRow): LeaseHolder {
  return { ...(addressOf(row.holder) ?? NOBODY), key: row.key, runId: row.run_id, claimedAt: timeOf(row.claimed_at) };
}

/** Null: it is none. */
export function addressOf(text: string): ProcessAddress | null {
  return addressSchema.safeParse(JSON.parse(text)).data ?? null;
}

function timeOf(at: number): number {
  return Math.abs(at) <= LATEST_TIME ? at : 0;
}

export function noticeOf({ id, run_id, at, text }: NoticeRow): RunNotice {
  return { id, runId: run_id, at, text };
}

/** Just the address, whatever else a given object carries. */
export function addressText({ pid, startTime, hostName, bootId, pidNamespace }: ProcessAddress): string {
  return JSON.stringify({ pid, startTime, hostName, bootId, pidNamespace });
}
