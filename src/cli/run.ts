import { createEndNotes } from '../engine/act/end-notes';
import { createKiller } from '../engine/act/kill';
import { type SuperviseOutcome, supervise } from '../engine/act/supervise';
import { createUpkeep } from '../engine/act/upkeep';
import type { KillTarget, Monitor } from '../engine/monitor-types';
import { livenessOf } from '../engine/observe/address';
import type { LeaseHolder, RunState } from '../engine/run-registry';
import { targetOfRun, workerIdOf } from '../engine/sources/supervised-run/target';
import { endBySignal, ownSignals } from '../host/command/own-signals';
import { createRunFolder } from '../host/command/run-folder';
import { createCommandRunner } from '../host/command/runner';
import type { Machine } from '../host/machine';
import { stateFolder } from '../host/state-folder';
import { harmless } from '../shared/format';
import type { Settings } from '../shared/settings';
import { type Context, UsageError } from './command';
import { rootsBeside } from './directories';
import { openMachine } from './machine';
import { openEngine } from './reading';
import { type RunRequest, readRunOptions, runHelp } from './run-options';
import { holderWords } from './runs-text';
import { settingsInForce } from './settings';

/** As sysexits.h has it: try again later. */
export const EXIT_HELD = 75;
/** As timeout(1) has them. */
export const EXIT_TIMED_OUT = 124;
export const EXIT_OWN_FAILURE = 125;

/**
 * `idlewatch run`, with what stands behind it. Resolves with the exit code, which is the command's own wherever it ran;
 * where a signal ended it, this process ends by the same one.
 */
export async function runVerbatim(args: string[], context: Context): Promise<number> {
  try {
    const request = readRunOptions(args);
    if (request) return await leave(await superviseHere(request, context), context);
    context.out(runHelp());
    return 0;
  } catch (error) {
    const { message } = error as Error;
    context.warn(error instanceof UsageError ? `${message} (see idlewatch run --help)` : message);
    return EXIT_OWN_FAILURE;
  }
}

/** What became of a run, with what to tell of a key that is held. */
type Outcome = Exclude<SuperviseOutcome, { outcome: 'held' }> | { outcome: 'held'; words: string };

async function superviseHere(request: RunRequest, context: Context): Promise<Outcome> {
  const settings = settingsInForce(context.environment, {}, context);
  const machine = openMachine(context);
  const upkeep = tidyUp(machine, settings, context);
  try {
    const { name, key, command, timeoutMs, idleTimeoutMs, killGraceMs, maxLogBytes } = request;
    const outcome = await supervise(
      {
        name,
        key,
        command,
        timeoutMs,
        idleTimeoutMs,
        workingDirectory: context.directory,
        killGraceMs: killGraceMs ?? settings.killGraceMs,
      },
      {
        ...machine,
        table: machine.processTable,
        ownSignals,
        runner: createCommandRunner({ showing: 'own-outputs', maxLogBytes }),
        folder: createRunFolder(stateFolder(context.environment, process.platform)),
      },
    );
    return outcome.outcome === 'held'
      ? { outcome: 'held', words: heldWords(outcome.heldBy, request.name, machine) }
      : outcome;
  } finally {
    await upkeep;
    machine.close();
  }
}

/** Bring to an end what earlier runs left open, beside the command. Never rejects. */
async function tidyUp(machine: Machine, settings: Settings, context: Context): Promise<void> {
  const { runs, processTable: table, log } = machine;
  const others = await watchOthers(machine, settings, context);
  const runTargets = (states: RunState[]) => runs.list(states).map((run) => targetOfRun(run, table));
  const isOther = ({ source }: KillTarget) => source !== 'supervised-run';
  const killer = createKiller({
    ...machine,
    ...createEndNotes(machine),
    table,
    settings: () => settings,
    target: (id) => runTargets(['orphaned']).find(({ workerId }) => workerId === id) ?? null,
    targets: () => [...runTargets(['running', 'orphaned']), ...(others?.killTargets().filter(isOther) ?? [])],
    onReceipt: ({ workerId, summary }) => runs.notice(workerId.slice(workerIdOf('').length), summary),
  });
  const upkeep = createUpkeep({
    ...machine,
    table,
    killer,
    settings: () => (others ? settings : { orphanedRuns: 'show' }),
    audit: null,
    tell(text, runId) {
      if (runId === null) log.warn(text);
      else runs.notice(runId, text);
    },
  });
  upkeep.start();
  await upkeep.stop();
  others?.stop();
}

/** Before an orphan may be ended: who else there is, with processes below it perhaps. Null: none is to be ended now. */
async function watchOthers(machine: Machine, settings: Settings, context: Context): Promise<Monitor | null> {
  const { runs, processTable, log } = machine;
  if (settings.orphanedRuns !== 'end') return null;
  try {
    const open = runs.list(['running', 'orphaned']);
    if (!open.some(({ supervisor }) => livenessOf(processTable, supervisor) === 'gone')) return null;
    const roots = rootsBeside({ workers: [], workbenches: [] }, settings, context);
    return (await openEngine(machine, settings, roots)).monitor;
  } catch (error) {
    log.warn(`orphaned runs are not ended: ${(error as Error).message}`);
    return null;
  }
}

async function leave(outcome: Outcome, context: Context): Promise<number> {
  switch (outcome.outcome) {
    case 'held':
      context.warn(outcome.words);
      return EXIT_HELD;
    case 'refused':
      context.warn(`the key cannot be claimed, and nothing was started: ${outcome.reason}`);
      return EXIT_OWN_FAILURE;
    case 'not_started':
      context.warn(outcome.reason);
      return outcome.exitCode;
    case 'ended': {
      const { end, timedOut, interruptedBy } = outcome;
      if (interruptedBy !== null) return await endBySignal(interruptedBy);
      if (timedOut !== null) return timedOutExit(timedOut, context);
      return end.signal === null ? (end.exitCode ?? EXIT_OWN_FAILURE) : await endBySignal(end.signal);
    }
  }
}

/** At once: output that nobody reads would keep this process waiting for ever. */
function timedOutExit(reason: string, context: Context): never {
  context.warn(reason);
  process.exit(EXIT_TIMED_OUT);
}

function heldWords(heldBy: LeaseHolder, name: string, { runs, processTable }: Machine): string {
  const { key, runId } = heldBy;
  const run = runs.get(runId);
  const liveness = livenessOf(processTable, heldBy);
  const held = holderWords(heldBy, runs.now(), liveness, run?.name);
  const goesOn = run?.child ? `Its command goes on as pid ${run.child.pid}` : 'What it started goes on';
  const orphan = liveness === 'gone' ? ` ${goesOn}: idlewatch kill ${harmless(workerIdOf(runId))} ends it.` : '';
  const release = liveness === 'alive' ? '' : ` To give it back by hand: idlewatch runs --release ${harmless(key)}`;
  return `${harmless(name)} was not started: the key ${harmless(key)} is held ${held}.${orphan}${release}`;
}
