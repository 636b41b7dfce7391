import { plural } from '../../shared/format';
import {
  type CommandEnd,
  CommandNotStartedError,
  type CommandRunner,
  type ForwardedSignal,
  type RunDirectory,
  type RunFolder,
  type RunningCommand,
  type SignalEvents,
} from '../command-runner';
import type { AuditLog, Clock, Logger, ProcessAddress, ProcessTable, Signals } from '../ports';
import type { LeaseHolder, NewRun, RunRegistry, RunSpool } from '../run-registry';
import { runTarget } from '../sources/supervised-run/target';
import { endOf } from './run-end';
import { watchLimits } from './run-limits';
import { register } from './run-registration';
import { createRunReports, type RunReports } from './run-reports';
import { endForTimeout } from './run-timeout';
import { wordsOf } from './words';

export interface SuperviseRequest {
  name: string;
  /** Only one run of a key at a time; null: as many as there are. */
  key: string | null;
  command: string[];
  /** Absolute. */
  workingDirectory: string;
  timeoutMs: number | null;
  idleTimeoutMs: number | null;
  killGraceMs: number;
}

export interface SupervisePorts {
  clock: Clock;
  table: ProcessTable;
  signals: Signals;
  ownSignals: SignalEvents;
  runner: CommandRunner;
  runs: RunRegistry;
  spool: RunSpool;
  audit: AuditLog;
  folder: RunFolder;
  /** For the person who started it. */
  log: Logger;
}

export type SuperviseOutcome =
  /** Somebody else runs this key. */
  | { outcome: 'held'; heldBy: LeaseHolder }
  /** Nothing was started: the key cannot be claimed, since the registry cannot be used. */
  | { outcome: 'refused'; reason: string }
  | { outcome: 'not_started'; reason: string; exitCode: number }
  /** `interruptedBy`: a signal came when the command had ended already and its output had not been read. */
  | { outcome: 'ended'; end: CommandEnd; timedOut: string | null; interruptedBy: ForwardedSignal | null };

/** After a timeout, so long is waited for whoever reads the output. */
const READ_AFTER_TIMEOUT_MS = 5_000;

/**
 * Run a command as a watched worker: written down, with heartbeat, log and time limits, until it has ended and all it put
 * out was passed on. Nothing that fails of the writing down stops the command; only a key that cannot be claimed does.
 */
export async function supervise(request: SuperviseRequest, ports: SupervisePorts): Promise<SuperviseOutcome> {
  const supervisor = addressOf(ports.table, ports.table.self().pid);
  const id = newRunId(ports.clock);
  const directory = ports.folder.pathOf(id);
  const run: NewRun = { ...request, id, directory, supervisor: supervisor ?? nowhere(ports.table) };
  const begun = begin(run, ports);
  if ('outcome' in begun) return begun;

  const files = makeDirectory(run, ports);
  const reports = createRunReports({ ...ports, run, files, isRegistered: begun.isRegistered });
  const forwarding = forwardSignals(ports.ownSignals);
  try {
    return await runCommand(request, { run, files, reports, forwarding }, ports);
  } finally {
    forwarding.stop();
  }
}

interface Started {
  run: NewRun;
  /** Null: it has no worker directory. */
  files: RunDirectory | null;
  reports: RunReports;
  forwarding: Forwarding;
}

async function runCommand(
  request: SuperviseRequest,
  { run, files, reports, forwarding }: Started,
  ports: SupervisePorts,
): Promise<SuperviseOutcome> {
  const { clock, table, runner } = ports;
  let command: RunningCommand;
  try {
    command = await runner.start({ ...request, workerDirectory: files?.path ?? null }, reports);
  } catch (error) {
    const reason = wordsOf(error);
    const exitCode = error instanceof CommandNotStartedError ? error.exitCode : 126;
    await reports.end({ state: 'failed', exitCode, signal: null, reason });
    return { outcome: 'not_started', reason, exitCode };
  }
  const startedAt = clock.wallMs();
  const child = addressOf(table, command.pid);
  reports.started(command, child);
  forwarding.to(command);

  let timedOut: string | null = null;
  let ending: Promise<void> | null = null;
  const stopWatching = watchLimits({
    ...request,
    clock,
    lastOutputMs: () => (command.isHeldUp() ? clock.monotonicMs() : reports.lastOutputMs()),
    onOver(reason) {
      timedOut = reason;
      reports.phase(`ending: ${reason}`);
      const target = runTarget(run, child && { ...child, from: 'supervisor', namedAt: startedAt });
      ending = endForTimeout(ports, target, command, { why: reason, killGraceMs: request.killGraceMs }).then(
        (summary) => reports.notice(`${reason}: ${summary}`),
        (error) => reports.notice(`${reason}, and it could not be ended: ${wordsOf(error)}`),
      );
    },
  });

  const end = await command.ended;
  stopWatching();
  forwarding.hasEnded();
  reports.phase('passing on its output');
  await ending;
  await command.passedOn(timedOut === null ? null : READ_AFTER_TIMEOUT_MS);
  tellWhatIsLeft(table, command.pid, reports);
  await reports.end(endOf(end, timedOut));
  return { outcome: 'ended', end, timedOut, interruptedBy: forwarding.interruptedBy() };
}

/** Write the run down. Without a key it goes on where that cannot be done. */
function begin(run: NewRun, { runs, table, log }: SupervisePorts): { isRegistered: boolean } | SuperviseOutcome {
  try {
    const begun = register({ runs, table }, run);
    return begun.ok ? { isRegistered: true } : { outcome: 'held', heldBy: begun.heldBy };
  } catch (error) {
    const reason = wordsOf(error);
    if (run.key !== null) return { outcome: 'refused', reason };
    log.warn(`The run is not registered: ${reason}`);
    return { isRegistered: false };
  }
}

function makeDirectory({ id, name, key, command }: NewRun, { folder, log }: SupervisePorts): RunDirectory | null {
  try {
    const directory = folder.make(id);
    directory.write('worker-spec.json', { name, role: 'supervised run', key, command });
    return directory;
  } catch (error) {
    log.warn(`The run has no worker directory: ${wordsOf(error)}`);
    return null;
  }
}

/** Sortable by time; good as the name of a directory. */
function newRunId(clock: Clock): string {
  const time = new Date(clock.wallMs()).toISOString().replaceAll(/[-:.]/g, '');
  return `${time}-${crypto.randomUUID().slice(0, 8)}`;
}

function addressOf(table: ProcessTable, pid: number): ProcessAddress | null {
  const look = table.inspect(pid);
  return look.liveness === 'alive' ? { pid, startTime: look.fact.startTime, ...table.space() } : null;
}

/** Where this system does not tell when a process started, no process will ever be taken for this one. */
function nowhere(table: ProcessTable): ProcessAddress {
  return { pid: table.self().pid, startTime: '', ...table.space() };
}

function tellWhatIsLeft(table: ProcessTable, session: number, reports: RunReports): void {
  const listed = table.list();
  if (!listed.ok) return;
  const left = listed.processes.filter(({ sessionId, stat }) => sessionId === session && stat !== 'Z');
  if (!left.length) return;
  const pids = left.map(({ pid }) => pid).join(', ');
  reports.notice(`It has ended and left ${plural(left.length, 'process', 'processes')} behind (pid ${pids})`);
}

interface Forwarding {
  /** What has come until now, and what comes from now on. */
  to(command: RunningCommand): void;
  /** From now on a signal ends the passing on of output. */
  hasEnded(): void;
  interruptedBy(): ForwardedSignal | null;
  stop(): void;
}

function forwardSignals(ownSignals: SignalEvents): Forwarding {
  const early: ForwardedSignal[] = [];
  let command: RunningCommand | null = null;
  let isOver = false;
  let interruptedBy: ForwardedSignal | null = null;
  const stop = ownSignals.on((signal) => {
    if (isOver) {
      interruptedBy ??= signal;
      command?.giveUp();
    } else if (command) command.signalGroup(signal);
    else early.push(signal);
  });
  return {
    to(started) {
      command = started;
      for (const signal of early) started.signalGroup(signal);
    },
    hasEnded() {
      isOver = true;
    },
    interruptedBy: () => interruptedBy,
    stop,
  };
}
