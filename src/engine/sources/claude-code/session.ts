import { harmless } from '../../../shared/format';
import type { Liveness, WorkerId } from '../../../shared/model';
import { claimedLiveness } from '../../observe/process-claim';
import { expected } from '../drift';
import { NOT_KEPT } from '../not-kept';
import type { RewrittenFile } from '../rewritten-file';
import type { ProcessClaim, Reading, SourceContext } from '../source';
import { newest } from '../worker-directory/moments';
import { claimIn, type SessionRecord } from './parse';
import { SessionStatus } from './status';
import { Transcripts } from './transcripts';

/** A session writes its transcript as soon as it works: one that has been busy for longer without is not understood. */
const TRANSCRIPT_WITHIN_MS = 60_000;
/** The status and the first lines of a turn are written in no certain order. */
const TURN_SLACK_MS = 1_000;
/** A slice of a long file is counted at each look; the next one follows at once. */
const CONTINUE_MS = 1;

export const REPLACED = 'Its record is another session’s now';

/** What the source knows of a session beside its own files. */
export interface Surroundings {
  /** The `projects` directory of its configuration. */
  projects: string;
  /** The session in whose process tree this one's process runs. */
  parentOf(session: Session): WorkerId | null;
  /** Some session that is known writes this transcript. */
  isKnown(sessionId: string): boolean;
}

/** One session: what its record says, what its transcripts show, whether its process lives. */
export class Session {
  /** As of when it was found; another session id or process in the same file is another session. */
  readonly record: SessionRecord | null;
  readonly #transcripts: Transcripts | null;
  /** Its pid means nothing here: another container shares the files. */
  readonly #isElsewhere: boolean;
  #liveness: Liveness = 'unknown';
  #seenAlive = false;
  readonly #status: SessionStatus;
  #parentId: WorkerId | null = null;
  readonly #told = new Set<string>();

  constructor(
    readonly id: WorkerId,
    readonly file: RewrittenFile<SessionRecord>,
    private readonly context: SourceContext,
    private readonly around: Surroundings,
  ) {
    this.record = file.value;
    this.#status = new SessionStatus(context);
    const { record } = this;
    const here = context.processTable.space().pidNamespace;
    this.#isElsewhere = record?.pidNamespace != null && here !== null && record.pidNamespace !== here;
    this.#transcripts = record?.cwd
      ? new Transcripts({ projects: around.projects, cwd: record.cwd, sessionId: record.sessionId }, context)
      : null;
  }

  /** The file is another session's now. */
  get isReplaced(): boolean {
    const now = this.file.value;
    if (!now || now === this.record) return false;
    return (
      now.sessionId !== this.record?.sessionId || now.pid !== this.record.pid || now.startTime !== this.record.startTime
    );
  }

  get isAlive(): boolean {
    return this.#liveness === 'alive';
  }

  /** Its process is gone, and idlewatch never saw it. */
  get isHistory(): boolean {
    return !this.#seenAlive && this.#liveness === 'gone';
  }

  get transcripts(): Transcripts | null {
    return this.#transcripts;
  }

  /** Look whether its process lives. */
  lookForProcess(): Liveness {
    const claim = this.#claim();
    this.#liveness = claim ? claimedLiveness(this.context.processTable, claim) : 'unknown';
    if (this.#liveness === 'alive') this.#seenAlive = true;
    return this.#liveness;
  }

  look(depth: 'life' | 'full'): Reading {
    this.file.look();
    this.lookForProcess();
    const over = this.#whyOver();
    if (over === null) this.#status.take(this.file.value, this.file.writtenAt ?? this.context.clock.wallMs());
    // What is over needs no reading, however long its transcript is.
    const isRead = over === null && (depth === 'full' || this.#transcripts?.counting === true);
    const activity = isRead ? this.#read() : 0;
    // Whatever cannot be understood, its process has ended.
    const unreadable = over === null && this.#liveness !== 'gone' ? this.#whyUnknown() : null;
    const command = over === null ? this.#command() : null;
    if (this.isAlive) this.#parentId ??= this.around.parentOf(this);
    return {
      ...NO_CLOCKS,
      ...this.#what(),
      unreadable,
      clockSkew: this.#status.clockSkew,
      declared: over !== null ? 'stopped' : this.#status.declared,
      stoppedReason: over,
      asks: this.#status.now === 'waiting' ? (this.file.value?.waitingFor ?? null) : null,
      task: this.#status.now === 'shell' ? 'a shell command it started' : null,
      progress: this.#progress(),
      command,
      // What a tool runs works without a connection of its own.
      thinksSilently: command !== null,
      runTime: this.#runTime(over),
      claim: this.#claim(),
      staleMs: this.context.settings().session_stale_secs * 1000,
      parentId: this.#parentId,
      usage: { tokens: this.#transcripts?.tokens ?? null, cost: null },
      traces: this.#traces(),
      notices: this.#notices(over, unreadable),
      newActivity: activity,
      againInMs: this.#transcripts?.counting ? CONTINUE_MS : this.file.againInMs,
      doubtful: this.file.againInMs !== null,
    };
  }

  touched(): boolean {
    if (this.#status.now === 'busy' && this.#isWithoutTranscript) return true;
    return this.file.touched() || (this.#transcripts?.touched() ?? false);
  }

  get #tolerance(): number {
    return this.context.settings().clockSkewToleranceMs;
  }

  #what(): Pick<Reading, 'id' | 'name' | 'role' | 'path'> {
    const { files } = this.context;
    const record = this.isReplaced ? this.record : (this.file.value ?? this.record);
    const cwd = record?.cwd ?? null;
    const kind = record?.kind ?? null;
    return {
      id: this.id,
      name: record?.name ?? harmless(files.baseName(cwd ?? this.file.path), 120),
      role: kind === 'interactive' ? null : kind,
      path: cwd === null ? files.parent(this.file.path) : (files.realPath(cwd) ?? cwd),
    };
  }

  get #pidInName(): number {
    return Number.parseInt(this.context.files.baseName(this.file.path), 10);
  }

  #claim(): ProcessClaim | null {
    const { record, file } = this;
    if (!record || record.pid !== this.#pidInName || file.writtenAt === null) return null;
    return this.#isElsewhere ? null : claimIn(record, file.writtenAt);
  }

  /** Why it is over, in words; null: it is not, or the watchdog has to find out. */
  #whyOver(): string | null {
    if (this.isReplaced) return REPLACED;
    if (this.#liveness !== 'gone') return null;
    if (!this.#seenAlive) return 'Its program had ended before idlewatch looked';
    // Claude Code removes the file of a session that ends by itself.
    if (!this.file.isThere) return 'Its session has ended';
    return this.#status.now === 'busy' ? null : 'Its program has ended';
  }

  #read(): number {
    const transcripts = this.#transcripts;
    if (!transcripts) return 0;
    const activity = transcripts.look(this.#tolerance);
    if (this.#status.now === 'busy' && this.#silentMs() > (this.context.settings().session_stale_secs * 1000) / 2) {
      transcripts.lookForStray(this.around.isKnown, this.#tolerance);
    }
    return activity;
  }

  #silentMs(): number {
    const last = newest([this.#transcripts?.grown ?? null, this.#status.sign]);
    return last ? this.context.clock.monotonicMs() - last.monotonicMs : 0;
  }

  /** Calls of an earlier turn may have been left open by an interruption; one that was approved begins with that. */
  #command(): Reading['command'] {
    const { now, sign, busySince } = this.#status;
    if (now !== 'busy' || !busySince || !sign) return null;
    const call = this.#transcripts?.openCall(busySince.monotonicMs - TURN_SLACK_MS);
    return call ? { ...call, started: newest([call.started, sign]) ?? sign } : null;
  }

  /** Only while it works on its own: a person who is waited for, or a shell command, may take as long as they like. */
  #progress(): Reading['progress'] {
    if (this.#status.now !== 'busy' || this.#isWithoutTranscript) return null;
    const grown = this.#transcripts?.grown;
    const status = this.#status.sign && { ...this.#status.sign, from: 'report' as const };
    return newest([grown ? { ...grown, from: 'transcript' as const } : null, status]);
  }

  get #isWithoutTranscript(): boolean {
    return this.#transcripts === null || (this.#transcripts.missing !== null && this.#transcripts.grown === null);
  }

  /** What is expected and was not found; its last state stands until it is. */
  #whyUnknown(): string | null {
    const { file } = this;
    const drift = this.#drift();
    if (drift !== null) return `${this.context.files.baseName(file.path)}: ${drift}`;
    const isDue = this.#status.now === 'busy' && this.#isWithoutTranscript && this.#silentMs() > TRANSCRIPT_WITHIN_MS;
    return isDue ? (this.#transcripts?.missing ?? null) : null;
  }

  #drift(): string | null {
    const { fault, value } = this.file;
    if (fault) return fault.kind === 'damaged' ? fault.detail : `expected a session's record, but ${fault.detail}`;
    if (value && value.pid !== this.#pidInName) return expected(`pid as ${this.#pidInName}`, value.pid);
    return value?.drift ?? null;
  }

  #runTime(over: string | null): Reading['runTime'] {
    const { sessionMaxRunMinutes } = this.context.settings();
    const { now, busySince } = this.#status;
    if (over !== null || now !== 'busy' || !busySince || sessionMaxRunMinutes === null) return null;
    return { started: busySince, limitMs: sessionMaxRunMinutes * 60_000 };
  }

  #traces(): Reading['traces'] {
    const record = this.file.value ?? this.record;
    const says = record?.statusInWords ?? 'nothing that is understood';
    const report = { kind: 'report' as const, text: `says ${says}`, moment: this.#status.sign, fault: false };
    return [report, ...(this.#transcripts?.traces() ?? [])];
  }

  /** What is not understood is told once. */
  #notices(over: string | null, unreadable: string | null): string[] {
    if (over !== null) return [];
    const uncounted = this.#transcripts?.uncounted ?? null;
    const texts = [unreadable, uncounted === null ? null : `Its tokens are not counted: ${uncounted}`];
    const news = texts.filter((text) => text !== null && !this.#told.has(text)) as string[];
    for (const text of news) this.#told.add(text);
    return news;
  }
}

/** A session keeps no heartbeat, and its silence alone is no fault. */
const NO_CLOCKS = {
  ...NOT_KEPT,
  runId: 'Claude Code',
  problems: [],
  existence: null,
  attachCommand: null,
  abort: null,
  files: [],
} satisfies Partial<Reading>;
