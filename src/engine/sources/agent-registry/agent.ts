import type { Liveness, WorkerId } from '../../../shared/model';
import { claimedLiveness } from '../../observe/process-claim';
import { NOT_KEPT } from '../not-kept';
import type { FileFault } from '../rewritten-file';
import type { Moment, ProcessClaim, Reading, SourceContext } from '../source';
import { place, skewText } from '../worker-directory/moments';
import type { RegisteredAgent } from './parse';

/** What the file of an agent says now. */
export interface RegistryNow {
  /** Of the file's name, for words. */
  name: string;
  /** Real path of the directory it lies in. */
  directory: string;
  /** Null: the file does not name the agent any more. */
  agent: RegisteredAgent | null;
  fault: FileFault | null;
  writtenAt: number;
  againInMs: number | null;
}

/** One entry of a registry file, followed. */
export class Agent {
  #agent: RegisteredAgent;
  #hasLeft = false;
  #liveness: Liveness = 'unknown';
  /** The start time of its process, once that was seen here: from then on no date is needed to know it again. */
  #startTime: string | null = null;
  /** A heartbeat of it was young when idlewatch looked. */
  #seenBeating = false;
  #beat: Moment | null = null;
  #clockSkew: string | null = null;
  readonly #told = new Set<string>();

  constructor(
    readonly id: WorkerId,
    agent: RegisteredAgent,
    private readonly context: SourceContext,
  ) {
    this.#agent = agent;
  }

  get jobId(): string {
    return this.#agent.jobId;
  }

  /** Its process is gone, and idlewatch never saw it, nor a sign of its life. */
  get isHistory(): boolean {
    return this.#isUnseen && !this.#seenBeating;
  }

  get #isUnseen(): boolean {
    return this.#liveness === 'gone' && this.#startTime === null;
  }

  /** Take over what its file says now, and look whether its process lives. */
  follow(now: RegistryNow): Liveness {
    const { agent, fault } = now;
    // Under the same name another process was started.
    if (agent && (agent.pid !== this.#agent.pid || agent.startedAt !== this.#agent.startedAt)) {
      this.#startTime = null;
      this.#seenBeating = false;
    }
    if (fault === null || fault.kind === 'missing') this.#hasLeft = agent === null;
    if (agent) {
      if (agent.heartbeatAt !== this.#agent.heartbeatAt || this.#beat === null) this.#noteBeat(agent, now.writtenAt);
      this.#agent = agent;
    }
    this.#lookForProcess();
    if (this.#isBeating) this.#seenBeating = true;
    return this.#liveness;
  }

  look(now: RegistryNow): Reading {
    this.follow(now);
    const over = this.#whyOver();
    const unreadable = over === null && this.#liveness !== 'gone' ? this.#whyUnknown(now) : null;
    const agent = this.#agent;
    return {
      ...NO_CLOCKS,
      id: this.id,
      runId: this.context.files.baseName(now.directory),
      name: agent.name,
      path: agent.cwd === null ? now.directory : (this.context.files.realPath(agent.cwd) ?? agent.cwd),
      unreadable,
      clockSkew: this.#clockSkew,
      declared: over === null ? 'busy' : 'stopped',
      stoppedReason: over,
      // What was written of its life before it left the file says nothing of it since.
      otherLife: over === null && this.#beat ? { ...this.#beat, from: 'report' } : null,
      // Of an agent that lived while its process was never here: it runs elsewhere, and its pid means nothing here.
      claim: this.#isUnseen && this.#seenBeating ? null : this.#claim(),
      traces: this.#traces(now),
      notices: this.#notices(unreadable),
      againInMs: now.againInMs,
      doubtful: now.againInMs !== null,
    };
  }

  #lookForProcess(): void {
    const { processTable } = this.context;
    const claim = this.#claim();
    this.#liveness = claim ? claimedLiveness(processTable, claim) : 'unknown';
    if (!claim || this.#liveness !== 'alive' || this.#startTime !== null) return;
    const look = processTable.inspect(claim.pid);
    if (look.liveness === 'alive') this.#startTime = look.fact.startTime;
  }

  #claim(): ProcessClaim | null {
    const { pid, startedAt } = this.#agent;
    if (pid === null || startedAt === null) return null;
    const startTime = this.#startTime;
    return { pid, from: 'report', namedAt: startedAt, startedAt, ...(startTime === null ? {} : { startTime }) };
  }

  get #isBeating(): boolean {
    if (!this.#beat) return false;
    const ageMs = this.context.clock.monotonicMs() - this.#beat.monotonicMs;
    return ageMs < this.context.settings().heartbeat_missing_secs * 1000;
  }

  #noteBeat({ heartbeatAt }: RegisteredAgent, writtenAt: number): void {
    this.#clockSkew = null;
    this.#beat = null;
    if (heartbeatAt === null) return;
    const { clock, settings } = this.context;
    const tolerance = settings().clockSkewToleranceMs;
    const said = place(clock, heartbeatAt, tolerance);
    if (said.aheadMs) this.#clockSkew = skewText('heartbeatAt', said.aheadMs);
    this.#beat = said.aheadMs ? place(clock, writtenAt, tolerance).moment : said.moment;
  }

  /** Why it is over, in words; null: it is not, or the watchdog has to find out. */
  #whyOver(): string | null {
    if (this.#hasLeft) return 'Its entry left the registry file';
    return this.isHistory ? 'Its process had ended before idlewatch looked' : null;
  }

  #whyUnknown({ name, fault }: RegistryNow): string | null {
    if (fault) {
      return `${name}: ${fault.kind === 'damaged' ? fault.detail : `expected a map or list, but ${fault.detail}`}`;
    }
    const { drift, jobId } = this.#agent;
    return drift === null ? null : `${name}, “${jobId}”: ${drift}`;
  }

  #traces({ name }: RegistryNow): Reading['traces'] {
    const text = `${name}, “${this.#agent.jobId}”`;
    return [{ kind: 'report', text, moment: this.#beat, fault: false }];
  }

  /** What is not understood is told once. */
  #notices(unreadable: string | null): string[] {
    if (unreadable === null || this.#told.has(unreadable)) return [];
    this.#told.add(unreadable);
    return [unreadable];
  }
}

/** An entry tells of a process and perhaps of its life; nothing of what it does. */
const NO_CLOCKS = {
  ...NOT_KEPT,
  role: null,
  problems: [],
  progress: null,
  asks: null,
  task: null,
  command: null,
  existence: null,
  runTime: null,
  staleMs: null,
  parentId: null,
  usage: null,
  attachCommand: null,
  abort: null,
  files: [],
  newActivity: 0,
} satisfies Partial<Reading>;
