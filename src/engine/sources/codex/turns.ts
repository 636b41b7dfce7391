import type { RolloutEvent, RolloutMeta, ToolCall } from './parse';
import { parseLine } from './parse';

const OPEN_CALLS_MAX = 200;

export interface OpenCall extends ToolCall {
  at: number;
}

/** How the last turn ended. */
export type TurnEnd = { kind: 'completed'; error: string | null } | { kind: 'aborted'; reason: string | null };

/**
 * What the lines of a rollout, folded in order, come to. Pure. A file may be read from its middle on, as well: what
 * was before is not known then.
 */
export class Turns {
  meta: RolloutMeta | null = null;
  /** When the turn that is open began; null: none is. */
  turnStartedAt: number | null = null;
  lastEnd: TurnEnd | null = null;
  /** What a person said first and last; null: nothing yet. */
  firstSaid: string | null = null;
  lastSaid: string | null = null;
  tokens: number | null = null;
  /** Of the turn that is open or was last. */
  approvalPolicy: string | null = null;
  /** When something last came of the work: of an open turn, its last line but those that only tell of a new attempt. */
  progressAt: number | null = null;
  lastAt: number | null = null;
  readonly #open = new Map<string, OpenCall>();
  #answers = 0;
  #turnEvents = 0;
  #oddLine: string | null = null;

  /** `fromStart`: the lines begin with the first of the file; else `head` is what its beginning came to. */
  constructor(
    private readonly fromStart: boolean,
    head?: Turns,
  ) {
    this.meta = head?.meta ?? null;
    this.firstSaid = head?.firstSaid ?? null;
  }

  /** `writtenAt`: when the line was written at the latest. Null: a line too long to read. */
  add(line: string | null, writtenAt: number): void {
    const parsed = line === null ? null : parseLine(line);
    if (typeof parsed === 'string') {
      this.#oddLine ??= parsed;
      return;
    }
    const at = Math.min(parsed?.at ?? writtenAt, writtenAt);
    this.lastAt = at;
    const event = parsed?.event ?? ({ kind: 'other' } as const);
    if (event.kind !== 'tokens') this.progressAt = at;
    this.#fold(event, at);
  }

  /** Calls without a result, oldest first. */
  get openCalls(): OpenCall[] {
    return [...this.#open.values()];
  }

  /** Why what is here cannot be understood: what was expected and what was found; null: it can. */
  get drift(): string | null {
    if (this.fromStart && this.lastAt !== null && !this.meta) {
      return 'expected a session_meta line first, found none';
    }
    if (this.lastAt === null && this.#oddLine) return this.#oddLine;
    if (this.fromStart && this.#answers > 0 && this.#turnEvents === 0) {
      return 'expected event_msg lines of type task_started, task_complete or turn_aborted, found answers and none of them';
    }
    return null;
  }

  #fold(event: RolloutEvent, at: number): void {
    const isWork = event.kind === 'answered' || event.kind === 'call_started';
    // Read from its middle on: the turn began before that.
    if (isWork && !this.fromStart && this.#turnEvents === 0) this.turnStartedAt ??= at;
    switch (event.kind) {
      case 'meta':
        // A session that goes on from another one carries that one's meta as well: its own comes first.
        this.meta ??= event.meta;
        break;
      case 'turn_started':
        this.#begin(at);
        break;
      case 'turn_completed':
        this.#end({ kind: 'completed', error: event.error });
        break;
      case 'turn_aborted':
        this.#end({ kind: 'aborted', reason: event.reason });
        break;
      case 'turn_settings':
        this.approvalPolicy = event.approvalPolicy;
        break;
      case 'said':
        this.firstSaid ??= event.text;
        this.lastSaid = event.text;
        break;
      case 'answered':
        this.#answers += 1;
        break;
      case 'call_started':
        this.#open.set(event.call.callId, { ...event.call, at });
        if (this.#open.size > OPEN_CALLS_MAX) this.#open.delete(this.#open.keys().next().value as string);
        break;
      case 'call_ended':
        this.#open.delete(event.callId);
        break;
      case 'tokens':
        this.tokens = event.tokens ?? this.tokens;
        break;
      case 'other':
        break;
    }
  }

  #begin(at: number): void {
    this.#turnEvents += 1;
    this.turnStartedAt = at;
    this.#open.clear();
  }

  #end(end: TurnEnd): void {
    this.#turnEvents += 1;
    this.turnStartedAt = null;
    this.lastEnd = end;
    this.#open.clear();
  }
}
