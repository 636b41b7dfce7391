import { LineDrift } from './line-drift';
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
  readonly #drift = new LineDrift();
  /** Said, and then answered, since the last turn that is known to have ended. */
  #outside: 'nothing' | 'said' | 'answered' = 'nothing';
  /** Since the last work of an open turn. */
  #unknownTurnEvent: string | null = null;
  /** The last work was an answer, and no call. */
  #isAnswered = false;

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
    this.#drift.add(parsed);
    if (typeof parsed === 'string') return;
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
    const drift = this.#drift.of(this.lastAt === null);
    if (drift !== null) return drift;
    if (this.fromStart && this.#answers > 0 && this.#turnEvents === 0) {
      return 'expected event_msg lines of type task_started, task_complete or turn_aborted, found answers and none of them';
    }
    if (this.#outside === 'answered') {
      return `expected an event_msg of type task_started before an answer, found ${this.#unknownTurnEvent ?? 'none'}`;
    }
    return null;
  }

  /**
   * Why the turn that is open may have ended: it was answered, nothing is under way, and then came what may be the end by
   * another name. Null: nothing of that kind. It may be something new as well: only silence after it makes it likely.
   */
  get doubtOfTurn(): string | null {
    const isLikely = this.turnStartedAt !== null && this.#isAnswered && this.#open.size === 0;
    return isLikely && this.#unknownTurnEvent !== null
      ? `expected an event_msg of type task_complete or turn_aborted after an answer, found ${this.#unknownTurnEvent}`
      : null;
  }

  #fold(event: RolloutEvent, at: number): void {
    const isWork = event.kind === 'answered' || event.kind === 'call_started';
    if (isWork || event.kind === 'said') this.#noteOutside(isWork);
    if (isWork && this.turnStartedAt !== null) this.#unknownTurnEvent = null;
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
        this.#isAnswered = true;
        break;
      case 'call_started':
        this.#isAnswered = false;
        this.#open.set(event.call.callId, { ...event.call, at });
        if (this.#open.size > OPEN_CALLS_MAX) this.#open.delete(this.#open.keys().next().value as string);
        break;
      case 'call_ended':
        this.#open.delete(event.callId);
        break;
      case 'tokens':
        this.tokens = event.tokens ?? this.tokens;
        break;
      case 'unknown_turn_event':
        this.#unknownTurnEvent = event.type;
        break;
      case 'unknown_line':
      case 'other':
        break;
    }
  }

  /** Work in no turn that is known: of itself it may be a late line, after a person has spoken it is a turn of its own. */
  #noteOutside(isWork: boolean): void {
    if (this.turnStartedAt !== null || this.#turnEvents === 0) return;
    if (isWork && this.#outside === 'said') this.#outside = 'answered';
    else if (!isWork && this.#outside === 'nothing') this.#outside = 'said';
  }

  #turnEvent(): void {
    this.#turnEvents += 1;
    this.#outside = 'nothing';
    this.#unknownTurnEvent = null;
    this.#isAnswered = false;
  }

  #begin(at: number): void {
    this.#turnEvent();
    this.turnStartedAt = at;
    this.#open.clear();
  }

  #end(end: TurnEnd): void {
    this.#turnEvent();
    this.turnStartedAt = null;
    this.lastEnd = end;
    this.#open.clear();
  }
}
