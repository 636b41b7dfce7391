import { isFinal, type LeaseHolder, type RunRecord, type RunState } from '../engine/run-registry';
import { formatBytes, formatDuration, harmless } from '../shared/format';
import type { Liveness } from '../shared/model';
import { columnsText } from './columns';
import type { Look } from './command';
import { SCHEMA, time } from './json';
import { ROW_SIGNS } from './signs';

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

/** As `status` shows them. */
const SHAPES: Record<RunState, string> = {
  running: ROW_SIGNS.busy.shape,
  succeeded: ROW_SIGNS.stopped.shape,
  failed: ROW_SIGNS.failed.shape,
  timed_out: ROW_SIGNS.failed.shape,
  killed: ROW_SIGNS.stopped.shape,
  orphaned: ROW_SIGNS.stalled.shape,
};

/** Which columns go first where the terminal is too narrow to read what ran. */
const NARROWING = ['Output', 'Ran', 'Run', 'Key'];

/** The runs as a table, then who holds which key. `now`: by the registry's clock. Ends with a line break. */
export function runsText(runs: RunRecord[], leases: LeaseHolder[], now: number, look: Look): string {
  if (!runs.length) return 'No supervised run is known. idlewatch run -- COMMAND starts one.\n';
  const titles = ['State', 'Name', 'Key', 'Started', 'Ran', 'Output', 'Run', 'What'];
  const rows = runs.map((run) => [
    `${SHAPES[run.state]} ${run.state.replace('_', ' ')}`,
    harmless(run.name),
    run.key === null ? '–' : harmless(run.key),
    `${formatDuration(now - run.startedAt)} ago`,
    formatDuration((isFinal(run.state) ? (run.finishedAt ?? now) : now) - run.startedAt),
    formatBytes(run.outputBytes),
    harmless(run.id),
    whatOf(run),
  ]);
  const table = columnsText(titles, rows, look, NARROWING);
  const held = leases.map((lease) => `  ${harmless(lease.key)}: ${holderWords(lease, now)}\n`).join('');
  return held ? `${table}\nKeys that are held:\n${held}` : table;
}

/** Behind “held”: for how long and by whom; with what is known of its life and the name of its run, where that was asked. */
export function holderWords(holder: LeaseHolder, now: number, liveness?: Liveness, runName?: string): string {
  const lives = {
    alive: ', which is alive',
    gone: ', which is gone',
    unknown: ', of which it is not known whether it is alive',
  };
  const name = runName === undefined ? '' : `${harmless(runName)}, `;
  const who = `${name}pid ${holder.pid} on ${harmless(holder.hostName)}${liveness ? lives[liveness] : ''}`;
  return `for ${formatDuration(now - holder.claimedAt)} by ${who} (run ${harmless(holder.runId)})`;
}

function whatOf(run: RunRecord): string {
  const command = run.command.join(' ');
  return harmless(run.reason === null ? command : `${run.reason}: ${command}`, 1_000);
}
