import { formatBytes, harmless } from '../../../shared/format';
import type { WorkerId } from '../../../shared/model';
import type { Moment, Reading, SourceContext } from '../source';
import { newest, place } from '../worker-directory/moments';
import type { HolderLook } from './holders';
import type { RolloutMeta } from './parse';
import { RolloutFile } from './rollout-file';
import type { OpenCall, TurnEnd } from './turns';

const NAME_MAX = 80;
/** Between a call and its process lies less than this. */
const CALL_STARTS_WITHIN_MS = 2_000;
/** What ended in the middle of a turn longer ago than this is history. */
const HISTORY_MS = 3_600_000;

export interface SessionSurroundings {
  holderOf(path: string): HolderLook;
  hasRun(callId: string): boolean | null;
  idOf(threadId: string): WorkerId | null;
  /** Sub-agents that work for a thread. */
  childrenOf(threadId: string): CodexSession[];
}

/** One session of Codex, followed by its rollout. */
export class CodexSession {
  readonly #file: RolloutFile;
  #drift: string | null = null;
  #progress: Moment | null = null;
  /** It was not known before it had ended. */
  #metDead: boolean | null = null;

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

  /** Monotonic time at which its rollout last grew; null: it was not looked at yet. */
  get grownMs(): number | null {
    return this.#file.grown?.monotonicMs ?? null;
  }

  get grownAt(): number | null {
    return this.#file.grown?.at ?? null;
  }

  get isBusy(): boolean {
    return this.#file.turns.turnStartedAt !== null;
  }

  touched(): boolean {
    return this.#file.touched();
  }

  /** Calls of which nobody knows whether they await an approval, unless their processes are seen. */
  get askingCalls(): OpenCall[] {
    const { approvalPolicy, openCalls } = this.#file.turns;
    return approvalPolicy === 'never' ? [] : openCalls.filter(({ mayAsk }) => mayAsk);
  }

  /** When something last came of its work, or of that of the sub-agents it waits for; null: no turn is open. */
  get progress(): Moment | null {
    if (!this.isBusy) return null;
    const children = this.around.childrenOf(this.threadId).filter((child) => child !== this);
    return newest([this.#progress, ...children.map((child) => child.progress)]);
  }

  /** What may keep it from going on until a person answers, in words; null: nothing that is known of. */
  get doubt(): string | null {
    const asking = this.askingCalls.find((call) => this.#mayAwaitApproval(call));
    if (asking) return `“${asking.label}” may await an approval: Codex writes nothing of that`;
    if (!this.#file.turns.openCalls.some(({ waitsForAgent }) => waitsForAgent)) return null;
    const child = this.around.childrenOf(this.threadId).find(({ doubt, question }) => doubt ?? question);
    return child ? `It waits for a sub-agent: ${child.doubt ?? `it asks “${child.question}”`}` : null;
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
    if (progressAt === null) this.#progress = null;
    else if (this.#progress?.at !== progressAt) {
      this.#progress = place(this.context.clock, progressAt, tolerance).moment;
    }
    return lines;
  }

  look(): Reading | null {
    // Asked before the file is read: what it wrote before it ended is then read as well.
    const holder = this.around.holderOf(this.path);
    const newActivity = this.read();
    if (newActivity === null) return null;
    const { turns } = this.#file;
    const declared = this.#declared(holder);
    const turn = turns.turnStartedAt === null ? null : this.#moment(turns.turnStartedAt);
    const progress = this.progress;
    const { session_stale_secs, sessionMaxRunMinutes } = this.context.settings();
    const isOpen = declared === 'busy' || declared === 'waiting';
    const doubt = declared === 'busy' ? this.doubt : null;
    return {
      ...NO_CLOCKS,
      id: this.id,
      ...this.#who(),
      unreadable: this.#file.problem ?? turns.drift,
      notices: this.#news(turns.drift),
      declared,
      asks: declared === 'waiting' ? this.question : null,
      task: isOpen ? turns.lastSaid : null,
      unclear: doubt,
      command: declared === 'busy' && doubt === null ? this.#command() : null,
      progress: isOpen && progress ? { ...progress, from: 'transcript' } : null,
      runTime:
        declared === 'busy' && turn && sessionMaxRunMinutes !== null
          ? { started: turn, limitMs: sessionMaxRunMinutes * 60_000 }
          : null,
      stoppedReason: declared === 'stopped' ? this.#howItEnded(holder) : null,
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
    const { files } = this.context;
    const { meta, firstSaid } = this.#file.turns;
    const cwd = meta?.cwd ?? null;
    const path = (cwd?.startsWith('/') || /^[A-Za-z]:[\\/]/.test(cwd ?? '') ? files.realPath(cwd ?? '') : null) ?? null;
    const place = path ?? files.parent(this.path);
    const parentId = meta?.parentThreadId ? this.around.idOf(meta.parentThreadId) : null;
    const isForPerson = meta !== null && meta.parentThreadId === null && meta.source !== 'exec';
    return {
      name: harmless(meta?.nickname ?? firstSaid ?? this.threadId.slice(0, 8), NAME_MAX),
      role: meta?.role ? harmless(meta.role, NAME_MAX) : null,
      runId: harmless(files.baseName(place), NAME_MAX),
      path: place,
      parentId: parentId === this.id ? null : parentId,
      attachCommand: isForPerson ? `codex resume ${this.threadId}` : null,
    };
  }

  #declared(holder: HolderLook): Reading['declared'] {
    const { turnStartedAt } = this.#file.turns;
    const isGone = holder.known === 'left' || holder.known === 'nobody';
    if (turnStartedAt === null) return isGone ? 'stopped' : 'ready';
    if (this.#isHistory(holder)) return 'stopped';
    if (holder.known === 'left') return holder.hasEnded ? 'busy' : 'stopped';
    return this.question !== null && !isGone ? 'waiting' : 'busy';
  }

  /** It had ended in the middle of a turn long before it was looked at: no news. */
  #isHistory(holder: HolderLook): boolean {
    if (holder.known === 'unknown') return false;
    const now = this.context.clock.monotonicMs();
    this.#metDead ??= holder.known === 'nobody' && now - (this.grownMs ?? now) > HISTORY_MS;
    if (holder.known === 'held') this.#metDead = false;
    return this.#metDead;
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

  /** Said once. */
  #news(drift: string | null): string[] {
    const isNew = drift !== null && drift !== this.#drift;
    this.#drift = drift;
    return isNew ? [`Its rollout cannot be understood: ${drift}`] : [];
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

  #moment(at: number): Moment {
    return place(this.context.clock, at, this.context.settings().clockSkewToleranceMs).moment;
  }
}

function endInWords(end: TurnEnd): string {
  if (end.kind === 'aborted') {
    return end.reason && end.reason !== 'interrupted' ? `Aborted: ${harmless(end.reason, NAME_MAX)}` : 'Interrupted';
  }
  return end.error ? `Ended with an error: ${end.error}` : 'Finished';
}

/** One whose holder ended keeps its claim: the process itself tells that it is gone. */
function existenceOf(holder: HolderLook): Pick<Reading, 'claim' | 'existence'> {
  switch (holder.known) {
    case 'held':
      return { claim: claimOf(holder.holder), existence: null };
    case 'left':
      return holder.hasEnded
        ? { claim: claimOf(holder.holder), existence: null }
        : {
            claim: null,
            existence: { liveness: 'gone', reason: `process ${holder.holder.pid} has closed its rollout` },
          };
    case 'nobody':
      return {
        claim: null,
        existence: {
          liveness: holder.searched === 'whole' ? 'gone' : 'unknown',
          reason: 'no process holds its rollout open',
        },
      };
    case 'unknown':
      return { claim: null, existence: { liveness: 'unknown', reason: holder.reason } };
  }
}

function claimOf({ pid, startTime, namedAt }: { pid: number; startTime: string; namedAt: number }): Reading['claim'] {
  return { pid, startTime, namedAt, from: 'report', why: 'it holds its rollout open for writing' };
}

/** A session keeps no heartbeat, and its silence is a fault only while a turn is open. */
const NO_CLOCKS = {
  problems: [],
  heartbeat: null,
  clockSkew: null,
  specWritten: null,
  otherLife: null,
  inboxCount: null,
  outboxCount: null,
  openTasks: 0,
  intervalMs: null,
  silentUntil: null,
  request: null,
  session: null,
  orphaned: null,
  tasks: [],
  abort: null,
} satisfies Partial<Reading>;
