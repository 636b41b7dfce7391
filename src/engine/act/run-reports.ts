import type { CommandListener, RunDirectory, RunningCommand } from '../command-runner';
import type { Clock, Logger, ProcessAddress, ProcessTable } from '../ports';
import type { NewRun, RunChange, RunRegistry, RunSpool } from '../run-registry';
import { createBeat } from './run-beat';
import { farewellOf, writeLastWord } from './run-end';
import { registerIfLost } from './run-registration';
import { inSeconds, wordsOf } from './words';

export const HEARTBEAT_INTERVAL_MS = 10_000;

export interface RunReportsOptions {
  run: NewRun;
  /** Null: it has no worker directory. */
  files: RunDirectory | null;
  isRegistered: boolean;
  runs: RunRegistry;
  spool: RunSpool;
  table: ProcessTable;
  clock: Clock;
  log: Logger;
}

/** Tells others of one run while it lasts: heartbeat file, registry, notices. Never throws. */
export interface RunReports extends CommandListener {
  /** It runs: from now on it beats. */
  started(command: RunningCommand, child: ProcessAddress | null): void;
  /** What part of its life it is in, for the heartbeat. */
  phase(phase: string): void;
  notice(text: string): void;
  /** Monotonic. */
  lastOutputMs(): number;
  /** The final state. Resolves once it is written, or kept, or told that it cannot be. */
  end(change: RunChange): Promise<void>;
}

export function createRunReports(options: RunReportsOptions): RunReports {
  const { run, files, isRegistered, runs, table, clock, log } = options;
  let child: ProcessAddress | null = null;
  let isChildKnown = false;
  let phase = 'starting';
  let farewell: string | null = null;
  let outputBytes = 0;
  let lastOutputMs = clock.monotonicMs();
  let startedAt = clock.wallMs();
  let pid: number | null = null;

  function notice(text: string): void {
    if (!isRegistered) {
      log.warn(`${text.replace(/\.$/, '')}.`);
      return;
    }
    try {
      runs.notice(run.id, text);
    } catch (error) {
      log.warn(`${text}. (This is not in the registry: ${wordsOf(error)})`);
    }
  }

  const troubles = (what: string) => ({
    onFailing: (reason: string) => log.warn(`${what} cannot be written, and is tried again: ${reason}`),
    onRecovered: (failedForMs: number) => notice(`${what} could not be written for ${inSeconds(failedForMs)}`),
  });

  const heartbeat = createBeat({
    clock,
    intervalMs: HEARTBEAT_INTERVAL_MS,
    ...troubles('Its heartbeat'),
    write() {
      files?.write('heartbeat.json', {
        name: run.name,
        status: farewell === null ? 'busy' : 'stopped',
        ts: new Date(clock.wallMs()).toISOString(),
        ...(pid === null ? {} : { pid }),
        started_at: new Date(startedAt).toISOString(),
        interval_ms: HEARTBEAT_INTERVAL_MS,
        phase,
        progress: outputBytes,
        ...(farewell === null ? {} : { message: farewell }),
      });
    },
  });

  const registration = createBeat({
    clock,
    intervalMs: HEARTBEAT_INTERVAL_MS,
    ...troubles('Its entry in the run registry'),
    async write() {
      if (!isRegistered) return;
      keepRegistered();
      if (isChildKnown || child === null) return runs.beat(run.id, outputBytes);
      await runs.change(run.id, () => ({ child, outputBytes }));
      isChildKnown = true;
    },
  });

  function keepRegistered(): void {
    if (!registerIfLost({ runs, table }, run)) return;
    isChildKnown = false;
    notice('The run registry had lost this run: it was written down anew, as if it had begun just now');
  }

  return {
    started(command, address) {
      // First of all: whoever finds this run without us must know what to look for.
      child = address;
      void registration.now();
      pid = command.pid;
      const look = table.inspect(pid);
      startedAt = look.liveness === 'alive' ? look.fact.startedAt : clock.wallMs();
      phase = 'running';
      void heartbeat.now();
    },
    phase(now) {
      phase = now;
      void heartbeat.now();
    },
    notice,
    onNotice: notice,
    onOutput(bytes) {
      outputBytes += bytes;
      lastOutputMs = clock.monotonicMs();
    },
    lastOutputMs: () => lastOutputMs,
    async end(change) {
      registration.stop();
      heartbeat.stop();
      try {
        if (isRegistered) keepRegistered();
      } catch {
        // What is wrong is told by the last word, which cannot be written either.
      }
      const whole: RunChange = { ...change, outputBytes, ...(child && !isChildKnown ? { child } : {}) };
      const written = isRegistered ? await writeLastWord(run.id, whole, options) : whole;
      farewell = farewellOf(written);
      phase = 'ended';
      await heartbeat.now();
    },
  };
}
