import { harmless } from '../../../shared/format';
import { livenessOf } from '../../observe/address';
import { isFinal, type RunRecord } from '../../run-registry';
import type { Moment, Reading, SourceContext } from '../source';
import type { WorkerDirectory } from '../worker-directory/worker';
import { howEnded, outcomeOf } from './run-words';
import { claimOf } from './target';

/** Its supervisor ends a run at its timeout; one that still runs so long after has a supervisor that hangs. */
const TIMEOUT_SLACK_MS = 60_000;
const COMMAND_MAX = 80;
const NAME_MAX = 120;
const TEXT_MAX = 500;

/** One supervised run: what its directory shows and what the registry says of it. */
export class FollowedRun {
  #run: RunRecord;
  #noticesRead: number;
  /**
   * Its time limit counts from here: by the wall clock alone a run would be over it after a sleep or a clock set forward,
   * which are no part of the time its supervisor counts.
   */
  readonly #followed: Moment;
  readonly #command: string;

  /** `tellNotices`: it began while we watched, so that everything told of it is news. */
  constructor(
    run: RunRecord,
    readonly directory: WorkerDirectory,
    private readonly context: SourceContext,
    tellNotices: boolean,
  ) {
    this.#run = run;
    // Of paths the last name says most.
    const words = run.command.map((word) => (word.startsWith('/') ? context.files.baseName(word) : word));
    this.#command = harmless(words.join(' '), COMMAND_MAX);
    this.#noticesRead = tellNotices ? 0 : (context.runs.noticesAfter(run.id, 0).at(-1)?.id ?? 0);
    this.#followed = { monotonicMs: context.clock.monotonicMs(), at: run.startedAt };
  }

  get finishedAt(): number | null {
    return this.#run.finishedAt;
  }

  look(depth: 'life' | 'full'): Reading | null {
    const reading = this.directory.look(depth);
    // Before the registry is read: who was gone by then has written its end there. The other way round, a supervisor that
    // ends in between would be taken for one that died on its run.
    const isSupervised =
      !isFinal(this.#run.state) && livenessOf(this.context.processTable, this.#run.supervisor) !== 'gone';
    const unreadable = depth === 'full' ? this.#refresh() : null;
    if (!reading) return null;
    const run = this.#run;
    reading.name = harmless(run.name, NAME_MAX);
    reading.role = null;
    reading.unreadable ??= unreadable;
    reading.notices = depth === 'full' && !unreadable ? this.#notices() : [];
    reading.inboxCount = null;
    reading.outboxCount = null;
    reading.openTasks = 0;
    reading.command = null;
    if (isFinal(run.state)) this.#tellEnd(reading);
    else this.#tellRunning(reading, isSupervised);
    return reading;
  }

  #tellEnd(reading: Reading): void {
    reading.declared = 'stopped';
    reading.stoppedReason = harmless(outcomeOf(this.#run), TEXT_MAX);
    reading.howEnded = howEnded(this.#run);
    // Lines that its log still got are no life after the end.
    reading.otherLife = null;
    reading.claim = null;
    reading.existence = { liveness: 'gone', reason: 'the run has ended' };
  }

  #tellRunning(reading: Reading, isSupervised: boolean): void {
    const run = this.#run;
    const { processTable } = this.context;
    const child = run.child === null ? 'unknown' : livenessOf(processTable, run.child);
    reading.declared = 'busy';
    reading.task = this.#command;
    reading.claim = child === 'alive' || (child === 'gone' && !isSupervised) ? claimOf(run, processTable) : null;
    // Its first process has ended and its supervisor still passes on what others of it put out.
    if (!reading.claim && isSupervised) reading.existence = { liveness: 'alive', reason: 'its supervisor lives' };
    const limitMs = run.timeoutMs === null ? null : run.timeoutMs + TIMEOUT_SLACK_MS;
    reading.runTime = limitMs === null ? null : { started: this.#followed, limitMs, ownLimitMs: limitMs };
    // Silence is no fault of a command unless somebody said what silence means: its supervisor then ends it.
    reading.progress = null;
    if (!isSupervised) {
      reading.orphaned = harmless(run.reason ?? `its supervisor (pid ${run.supervisor.pid}) is gone`, TEXT_MAX);
      reading.heartbeat = null;
      reading.otherLife = null;
    }
  }

  /** Why the registry cannot be read; null where it could. What was known stands. */
  #refresh(): string | null {
    try {
      this.#run = this.context.runs.get(this.#run.id) ?? this.#run;
      return null;
    } catch (error) {
      return `the run registry cannot be read: ${(error as Error).message}`;
    }
  }

  #notices(): string[] {
    const notices = this.context.runs.noticesAfter(this.#run.id, this.#noticesRead);
    this.#noticesRead = notices.at(-1)?.id ?? this.#noticesRead;
    return notices.map(({ text }) => harmless(text, TEXT_MAX));
  }
}
