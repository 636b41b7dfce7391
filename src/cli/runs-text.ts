import { isFinal, type LeaseHolder, type RunRecord } from '../engine/run-registry';
import { formatBytes, formatDuration, harmless } from '../shared/format';
import type { Liveness } from '../shared/model';
import { columnsText } from './columns';
import type { Look } from './command';
import { SCHEMA, time } from './json';

/** The answer of `idlewatch runs --json`, as docs/cli.md describes it. */
export function runsJson(runs: RunRecord[], leases: LeaseHolder[], now: number): object {
  return { schema: SCHEMA, takenAt: time(now), runs: runs.map(runJson), leases: leases.map(leaseJson) };
}

export function leaseJson({ claimedAt, ...holder }: LeaseHolder): object {
  return { ...holder, claimedAt: time(claimedAt) };
}

function runJson({ updatedAt: _, ...run }: RunRecord): object {
  const { startedAt, heartbeatAt, finishedAt } = run;
  return { ...run, startedAt: time(startedAt), heartbeatAt: time(heartbeatAt), finishedAt: time(finishedAt) };
}

/** The runs as a table, then who holds which key. `now`: by the registry's clock. Ends with a line break. */
export function runsText(runs: RunRecord[], leases: LeaseHolder[], now: number, look: Look): string {
  if (!runs.length) return 'No supervised run is known. idlewatch run -- COMMAND starts one.\n';
  const rows = runs.map((run) => [
    run.state.replace('_', ' '),
    harmless(run.name),
    run.key === null ? '–' : harmless(run.key),
    `${formatDuration(now - run.startedAt)} ago`,
    formatDuration((isFinal(run.state) ? (run.finishedAt ?? now) : now) - run.startedAt),
    formatBytes(run.outputBytes),
    run.id,
    whyOf(run),
  ]);
  const table = columnsText(['State', 'Name', 'Key', 'Started', 'Ran', 'Output', 'Run', 'Why'], rows, look);
  const held = leases.map((lease) => `  ${harmless(lease.key)}: ${holderWords(lease, null, now)}\n`).join('');
  return held ? `${table}\nKeys that are held:\n${held}` : table;
}

/** Who holds a lease; with what is known of its life, where that was asked. */
export function holderWords(holder: LeaseHolder, liveness: Liveness | null, now: number): string {
  const lives = {
    alive: ', which is alive',
    gone: ', which is gone',
    unknown: ', of which it is not known whether it lives',
  };
  const since = formatDuration(now - holder.claimedAt);
  const who = `pid ${holder.pid} on ${harmless(holder.hostName)}${liveness ? lives[liveness] : ''}`;
  return `${who}, since ${since}, for run ${harmless(holder.runId)}`;
}

function whyOf(run: RunRecord): string {
  const command = run.command.join(' ');
  if (run.reason !== null) return harmless(run.reason, 1_000);
  if (run.signal !== null) return harmless(`ended by ${run.signal}: ${command}`, 1_000);
  if (run.exitCode !== null && run.exitCode !== 0) return harmless(`exit ${run.exitCode}: ${command}`, 1_000);
  return harmless(command, 1_000);
}
