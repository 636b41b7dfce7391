import type { HeartbeatContent } from '../../../shared/model';
import { type Clock, type FileStat, type Files, isSameContent } from '../../ports';
import type { HeartbeatFault, Moment } from '../source';
import { place, skewText } from './moments';
import { type Declared, declaredBy, parseHeartbeat } from './parse';

const HEARTBEAT_MAX_BYTES = 64 * 1024;
/** Writers truncate or remove and rewrite: what is missing or does not parse is believed after this long only. */
const RECHECK_MS = 250;

const decoder = new TextDecoder();

/** Follows one heartbeat file: reads it only when it changed, and remembers what a single reading cannot tell. */
export class HeartbeatFile {
  fault: HeartbeatFault | null = null;
  content: HeartbeatContent | null = null;
  beat: Moment | null = null;
  /** When something but the timestamp last changed: progress. */
  progress: Moment | null = null;
  /** When the task it names began; of a time in the future: when that was first written. */
  taskStarted: Moment | null = null;
  clockSkew: string | null = null;
  againInMs: number | null = null;
  /** Wall time at which the file naming the pid was written. */
  writtenAt: number | null = null;
  #seen: FileStat | null = null;
  #doubtSince: number | null = null;
  #substance: HeartbeatContent | null = null;
  #taskKey = '';

  constructor(
    readonly path: string,
    private readonly within: string,
    private readonly files: Files,
    private readonly clock: Clock,
  ) {}

  get declared(): Declared {
    return declaredBy(this.content?.status ?? null);
  }

  /** Look at the file, and read it if it changed or did not parse last time. */
  look(toleranceMs: number): void {
    const stat = this.files.stat(this.path, this.within);
    if (!stat.ok) {
      this.#failed(stat.problem === 'missing' ? { kind: 'missing' } : { kind: 'unreadable', detail: stat.detail });
      return;
    }
    const same = this.#seen !== null && isSameContent(stat, this.#seen);
    if (same && this.#doubtSince === null) return;
    this.#seen = stat;
    if (stat.size > HEARTBEAT_MAX_BYTES) {
      this.#failed({ kind: 'unreadable', detail: `it has ${stat.size} bytes; allowed are ${HEARTBEAT_MAX_BYTES}` });
      return;
    }
    this.#read(toleranceMs);
  }

  #read(toleranceMs: number): void {
    const got = this.files.read(this.path, this.within, HEARTBEAT_MAX_BYTES);
    if (!got.ok) {
      this.#failed(got.problem === 'missing' ? { kind: 'missing' } : { kind: 'unreadable', detail: got.detail });
      return;
    }
    const parsed = parseHeartbeat(decoder.decode(got.data));
    if (!parsed.ok && parsed.kind === 'invalid_json') {
      this.#doubt({ kind: 'invalid_json', detail: parsed.detail });
      return;
    }
    this.#doubtSince = null;
    this.againInMs = null;
    this.writtenAt = Math.min(got.mtimeMs, this.clock.wallMs());
    this.content = parsed.content;
    this.fault = parsed.ok ? null : { kind: 'no_timestamp', detail: parsed.detail };
    this.#take(parsed.ok ? parsed.at : null, got.mtimeMs, toleranceMs);
  }

  #take(at: number | null, mtimeMs: number, toleranceMs: number): void {
    this.clockSkew = null;
    this.#noteTask(mtimeMs, toleranceMs);
    if (at === null) {
      this.beat = null;
      return;
    }
    const said = place(this.clock, at, toleranceMs);
    if (said.aheadMs) this.clockSkew = skewText('The heartbeat', said.aheadMs);
    this.beat = said.aheadMs ? place(this.clock, mtimeMs, toleranceMs).moment : said.moment;
    this.#noteProgress();
  }

  /** Pinned when first named: a start in the future must not move on with every beat, or a hang would never show. */
  #noteTask(mtimeMs: number, toleranceMs: number): void {
    const task = this.content?.task;
    const startedAt = task?.startedAt ?? null;
    const key = startedAt === null ? '' : `${task?.id} ${startedAt}`;
    if (startedAt !== null) {
      const { aheadMs, moment } = place(this.clock, startedAt, toleranceMs);
      if (aheadMs) this.clockSkew = skewText("The task's start", aheadMs);
      if (key !== this.#taskKey) this.taskStarted = aheadMs ? place(this.clock, mtimeMs, toleranceMs).moment : moment;
    } else {
      this.taskStarted = null;
    }
    this.#taskKey = key;
  }

  /**
   * A beat that says something new is progress. At first sight nothing is known to be new: it counts only where the
   * worker reports progress at all, so that a worker with bare beats is judged by its files.
   */
  #noteProgress(): void {
    const now = this.content;
    const before = this.#substance;
    const reports = now?.progress != null || now?.phase != null;
    if (before === null ? reports : now === null || !saysTheSame(before, now)) this.progress = this.beat;
    this.#substance = now;
  }

  /** Perhaps half-written: what we knew before stands until the fault has lasted. */
  #doubt(fault: HeartbeatFault): void {
    const now = this.clock.monotonicMs();
    this.#doubtSince ??= now;
    const waitedMs = now - this.#doubtSince;
    if (waitedMs < RECHECK_MS) {
      this.againInMs = RECHECK_MS - waitedMs;
      return;
    }
    this.againInMs = null;
    this.fault = fault;
  }

  #failed(fault: HeartbeatFault): void {
    this.#seen = null;
    if (fault.kind === 'missing' && this.content) {
      this.#doubt(fault);
      return;
    }
    this.fault = fault;
    this.#doubtSince = null;
    this.againInMs = null;
    this.clockSkew = null;
  }
}

/** Everything but the timestamp is as it was. */
function saysTheSame(a: HeartbeatContent, b: HeartbeatContent): boolean {
  return (
    a.status === b.status &&
    a.phase === b.phase &&
    a.progress === b.progress &&
    a.message === b.message &&
    a.pid === b.pid &&
    a.task?.id === b.task?.id &&
    a.task?.title === b.task?.title &&
    a.task?.startedAt === b.task?.startedAt &&
    a.silentUntil === b.silentUntil
  );
}
