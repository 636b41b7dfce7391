import { formatBytes, harmless } from '../../../shared/format';
import type { WorkerId } from '../../../shared/model';
import type { Moment, Reading, SourceContext } from '../source';
import { newest, place } from '../worker-directory/moments';
import type { HeldFile, HolderLook } from './holders';
import type { RolloutMeta } from './parse';
import { RolloutFile } from './rollout-file';
import { endInWords, existenceOf, howEnded, NO_CLOCKS } from './session-facts';
import type { OpenCall } from './turns';

const NAME_MAX = 80;
/** Between a call and its process lies less than this. */
const CALL_STARTS_WITHIN_MS = 2_000;
/** What ended in the middle of a turn longer ago than this is history. */
const HISTORY_MS = 3_600_000;
/** Nobody knows whether it is still open, and nothing has come since its last turn for so long. */
const FORGOTTEN_AFTER_MS = 600_000;
const PAST_AFTER_MS = 600_000;
/** Sub-agents have sub-agents, though no more than this is looked at. */
const AGENT_DEPTH_MAX = 4;
const MOMENTS_MAX = 500;

export interface SessionSurroundings {
  holderOf(file: HeldFile): HolderLook;
  hasRun(callId: string): boolean | null;
  idOf(threadId: string): WorkerId | null;
  /** Sub-agents that work for a thread. */
  childrenOf(threadId: string): CodexSession[];
}

/** One session of Codex, followed by its rollout. */
export class CodexSession {
  readonly #file: RolloutFile;
  readonly #told = new Set<string>();
  #progress: Moment | null = null;
  /** It was not known before it had ended. */
  #metDead: boolean | null = null;
  readonly #moments = new Map<number, Moment>();
  #folder: { cwd: string | null; path: string } | null = null;

  constructor(
    readonly id: WorkerId,
    readonly path: string,
    readonly threadId: string,
    within: string,
    private readonly context: SourceContext,
    private readonly around: SessionSurroundings,
  ) {
    this.#file = new RolloutFile(path, within, context.files, context.clock);
  }

  get meta(): RolloutMeta | null {
    return this.#file.turns.meta;
  }

  get held(): HeldFile {
    const grownMs = this.#file.grown?.monotonicMs ?? Number.NEGATIVE_INFINITY;
    return { path: this.path, grownMs, isWorking: this.#file.turns.turnStartedAt !== null };
  }

  /** Nothing is to be expected of it: it is over, and has been for a while. Should it go on, the sweep finds that out. */
  get isPast(): boolean {
    if (this.#file.turns.turnStartedAt !== null || this.#silentMs <= PAST_AFTER_MS) return false;
    const { known } = this.around.holderOf(this.held);
    return known === 'nobody' || known === 'left';
  }

  touched(): boolean {
    return this.#file.touched();
  }

  /** Calls of which nobody knows whether they await an approval, unless their processes are seen. */
  get askingCalls(): OpenCall[] {
    const { approvalPolicy, openCalls } = this.#file.turns;
    return approvalPolicy === 'never' ? [] : openCalls.filter(({ mayAsk }) => mayAsk);
  }

  /** When something last came of its work, or of that of its sub-agents; null: nothing has yet. */
  progress(depth = 0): Moment | null {
    const children = depth < AGENT_DEPTH_MAX ? this.around.childrenOf(this.threadId) : [];
    return newest([this.#progress, ...children.map((child) => child.progress(depth + 1))]);
  }

  /** What may keep it from going on until a person answers, in words; null: nothing that is known of. */
  doubt(depth = 0): string | null {
    const asking = this.askingCalls.find((call) => this.#mayAwaitApproval(call));
    if (asking) return `“${asking.label}” may await an approval: Codex writes nothing of that`;
    const waits = this.#file.turns.openCalls.some(({ waitsForAgent }) => waitsForAgent);
    if (!waits || depth >= AGENT_DEPTH_MAX) return null;
    for (const child of this.around.childrenOf(this.threadId)) {
      const asks = child.question === null ? null : `it asks “${child.question}”`;
      const why = child.doubt(depth + 1) ?? asks;
      if (why) return `It waits for a sub-agent: ${why}`;
    }
    return null;
  }

  /** What it asks a person; null: nothing. */
  get question(): string | null {
    return this.#file.turns.openCalls.find(({ question }) => question !== null)?.question ?? null;
  }

  /** Read what came. Null: its rollout is gone. */
  read(): number | null {
    const tolerance = this.context.settings().clockSkewToleranceMs;
    const lines = this.#file.look(tolerance);
    const { progressAt } = this.#file.turns;
    this.#progress = progressAt === null ? null : this.#moment(progressAt);
    return lines;
  }

  look(): Reading | null {
    // Asked before the file is read: what it wrote before it ended is then read as well.
    const before = this.around.holderOf(this.held);
    const newActivity = this.read();
    if (newActivity === null) return null;
    const holder = newActivity > 0 && before.known !== 'held' ? this.around.holderOf(this.held) : before;
    const { turns } = this.#file;
    const declared = this.#declared(holder);
    const turn = turns.turnStartedAt === null ? null : this.#moment(turns.turnStartedAt);
    const progress = this.progress();
    const { session_stale_secs, sessionMaxRunMinutes } = this.context.settings();
    const isOpen = declared === 'busy' || declared === 'waiting';
    const drift = this.#whyUnknown();
    const doubt = declared === 'busy' ? this.doubt() : null;
    const command = declared === 'busy' && doubt === null ? this.#command() : null;
    return {
      ...NO_CLOCKS,
      id: this.id,
      ...this.#who(),
      // Whatever cannot be understood, its process has ended.
      unreadable: hasEnded(holder) ? null : (this.#file.problem ?? drift),
      notices: this.#news(drift),
      declared,
      asks: declared === 'waiting' ? this.question : null,
      task: isOpen ? turns.lastSaid : null,
      unclear: doubt,
      command,
      // A build, say, works without a connection.
      thinksSilently: command !== null,
      progress: isOpen && progress ? { ...progress, from: 'transcript' } : null,
      runTime:
        declared === 'busy' && turn && sessionMaxRunMinutes !== null
          ? { started: turn, limitMs: sessionMaxRunMinutes * 60_000 }
          : null,
      stoppedReason: declared === 'stopped' ? this.#howItEnded(holder) : null,
      howEnded: isOpen ? undefined : howEnded(turn === null ? turns.lastEnd : null),
      staleMs: session_stale_secs * 1000,
      ...existenceOf(holder),
      usage: turns.tokens === null ? null : { tokens: turns.tokens, cost: null },
      traces: this.#traces(turn),
      files: [this.path],
      newActivity,
      againInMs: this.#file.counting ? 1 : null,
      doubtful: this.#file.counting,
    };
  }

  tail(maxBytes: number): { file: string; path: string; text: string } | null {
    const { files } = this.context;
    const got = files.read(this.path, files.parent(this.path), maxBytes, -maxBytes);
    const text = got.ok ? new TextDecoder().decode(got.data) : '';
    return got.ok ? { file: files.baseName(this.path), path: this.path, text } : null;
  }

  #who(): Pick<Reading, 'name' | 'role' | 'runId' | 'path' | 'parentId' | 'attachCommand'> {
    const { meta, firstSaid } = this.#file.turns;
    const path = this.#workingFolder(meta?.cwd ?? null);
    const parentId = meta?.parentThreadId ? this.around.idOf(meta.parentThreadId) : null;
    const isForPerson = meta !== null && meta.parentThreadId === null && meta.source !== 'exec';
    return {
      name: harmless(meta?.nickname ?? firstSaid ?? this.threadId.slice(0, 8), NAME_MAX),
      role: meta?.role ? harmless(meta.role, NAME_MAX) : null,
      runId: harmless(this.context.files.baseName(path), NAME_MAX),
      path,
      parentId: parentId === this.id ? null : parentId,
      attachCommand: isForPerson ? `codex resume ${this.threadId}` : null,
    };
  }

  /** Where it works; the folder of its rollout where that is no directory here. */
  #workingFolder(cwd: string | null): string {
    if (this.#folder?.cwd === cwd) return this.#folder.path;
    const { files } = this.context;
    const isWhole = cwd !== null && /^(\/|[A-Za-z]:[\\/])/.test(cwd);
    const real = isWhole ? files.realPath(cwd) : null;
    const path = real !== null && files.list(real).ok ? real : files.parent(this.path);
    this.#folder = { cwd, path };
    return path;
  }

  #declared(holder: HolderLook): Reading['declared'] {
    const { turnStartedAt } = this.#file.turns;
    const isGone = holder.known === 'left' || holder.known === 'nobody';
    if (turnStartedAt === null) {
      const isForgotten = holder.known === 'unknown' && this.#silentMs > FORGOTTEN_AFTER_MS;
      return isGone || isForgotten ? 'stopped' : 'ready';
    }
    if (this.#isHistory(holder)) return 'stopped';
    if (holder.known === 'left') return hasEnded(holder) ? 'busy' : 'stopped';
    return this.question !== null && !isGone ? 'waiting' : 'busy';
  }

  /** It had ended in the middle of a turn long before it was looked at: no news. */
  #isHistory(holder: HolderLook): boolean {
    if (holder.known === 'unknown') return false;
    this.#metDead ??= holder.known === 'nobody' && this.#silentMs > HISTORY_MS;
    if (holder.known === 'held') this.#metDead = false;
    return this.#metDead;
  }

  get #silentMs(): number {
    return this.context.clock.monotonicMs() - this.held.grownMs;
  }

  #howItEnded(holder: HolderLook): string {
    const { turnStartedAt, lastEnd } = this.#file.turns;
    if (turnStartedAt === null) return lastEnd ? endInWords(lastEnd) : 'Closed';
    return holder.known === 'left' ? 'Closed in the middle of a turn' : 'Ended in the middle of a turn';
  }

  #mayAwaitApproval({ callId, at }: OpenCall): boolean {
    if (this.around.hasRun(callId) !== false) return false;
    const { clock } = this.context;
    return clock.monotonicMs() - this.#moment(at).monotonicMs > CALL_STARTS_WITHIN_MS;
  }

  #command(): Reading['command'] {
    const call = this.#file.turns.openCalls.find(({ waitsForAgent }) => !waitsForAgent);
    return call ? { label: call.label, started: this.#moment(call.at) } : null;
  }

  /** What was expected and was not found; a turn that may have ended by another name only once nothing comes. */
  #whyUnknown(): string | null {
    const { turns } = this.#file;
    const isSilent = this.#silentMs > (this.context.settings().session_stale_secs * 1000) / 2;
    return turns.drift ?? (isSilent ? turns.doubtOfTurn : null);
  }

  /** Said once. */
  #news(drift: string | null): string[] {
    if (drift === null || this.#told.has(drift)) return [];
    this.#told.add(drift);
    return [`Its rollout cannot be understood: ${drift}`];
  }

  #traces(turn: Moment | null): Reading['traces'] {
    const { turns, problem, size, grown } = this.#file;
    const name = this.context.files.baseName(this.path);
    const traces: Reading['traces'] = [
      { kind: 'transcript', text: problem ?? `${name}, ${formatBytes(size)}`, moment: grown, fault: problem !== null },
    ];
    const report = (text: string, moment: Moment | null, fault = false) =>
      traces.push({ kind: 'report', text, moment, fault });
    if (turn) report('a turn is open', turn);
    else if (turns.lastEnd) {
      const isFault = turns.lastEnd.kind === 'completed' && turns.lastEnd.error !== null;
      report(`the last turn: ${endInWords(turns.lastEnd)}`, null, isFault);
    }
    for (const call of turns.openCalls) report(`“${call.label}” has no result yet`, this.#moment(call.at));
    return traces;
  }

  /** Pinned when it is first asked for: setting the clock changes no age. */
  #moment(at: number): Moment {
    const known = this.#moments.get(at);
    if (known) return known;
    const { moment } = place(this.context.clock, at, this.context.settings().clockSkewToleranceMs);
    if (this.#moments.size >= MOMENTS_MAX) this.#moments.clear();
    this.#moments.set(at, moment);
    return moment;
  }
}

function hasEnded(holder: HolderLook): boolean {
  return holder.known === 'left' && holder.hasEnded;
}
