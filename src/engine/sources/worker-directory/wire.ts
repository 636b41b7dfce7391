import { harmless } from '../../../shared/format';

/**
 * What a line of `wire-events.jsonl` says. Agents write several dialects: `{type, payload}`, the same within `message`
 * or within JSON-RPC `params`. Only four things matter to the watchdog; every other line is just activity.
 */
export type WireEvent =
  | { kind: 'tool_started'; id: string; label: string; at: number | null }
  | { kind: 'tool_ended'; id: string }
  | { kind: 'asked'; id: string; text: string | null }
  | { kind: 'answered'; id: string }
  | { kind: 'turn_ended' }
  | { kind: 'other' };

type Fields = Record<string, unknown>;

const KINDS: Record<string, Exclude<WireEvent['kind'], 'other'>> = {
  toolcall: 'tool_started',
  toolcallbegin: 'tool_started',
  toolcallstart: 'tool_started',
  toolcallstarted: 'tool_started',
  tooluse: 'tool_started',
  toolresult: 'tool_ended',
  toolcallend: 'tool_ended',
  toolcallended: 'tool_ended',
  toolcallresult: 'tool_ended',
  approvalrequest: 'asked',
  questionrequest: 'asked',
  approvalresponse: 'answered',
  approvalrequestresolved: 'answered',
  questionresponse: 'answered',
  turnend: 'turn_ended',
  stepinterrupted: 'turn_ended',
};

/** Parse one line; a line that is not JSON is `other`: it is still a sign of work. */
export function parseWireLine(line: string): WireEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'other' };
  }
  const outer = fields(value);
  const message = [outer.message, outer.params].find(isFields) ?? outer;
  const kind = KINDS[simple(message.type ?? outer.type)];
  const body = fields(message.payload ?? message.data ?? message);
  switch (kind) {
    case 'turn_ended':
      return { kind };
    case 'tool_started':
      return {
        kind,
        id: id(body, ['id', 'tool_call_id', 'call_id', 'tool_use_id']),
        label: label(body),
        at: timeOf(outer),
      };
    case 'tool_ended':
      return { kind, id: id(body, ['tool_call_id', 'call_id', 'tool_use_id', 'id']) };
    case 'asked':
      return {
        kind,
        id: id(body, ['id', 'request_id']),
        text: textOf(body, ['description', 'question', 'message', 'action']),
      };
    case 'answered':
      return { kind, id: id(body, ['request_id', 'id']) };
    default:
      return { kind: 'other' };
  }
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function simple(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase().replaceAll(/[^a-z]/g, '') : '';
}

function id(body: Fields, names: string[]): string {
  for (const name of names) {
    const value = body[name];
    if (typeof value === 'string' || typeof value === 'number') return String(value).slice(0, 200);
  }
  return '';
}

function textOf(body: Fields, names: string[]): string | null {
  for (const name of names) {
    const value = body[name];
    if (typeof value === 'string' && value !== '') return harmless(value, 200);
  }
  return null;
}

function label(body: Fields): string {
  return textOf(body, ['name', 'tool', 'command']) ?? textOf(fields(body.function), ['name']) ?? 'tool call';
}

/** Before any agent wrote wire events: a time counted from somewhere else than the Unix epoch. */
const FIRST_AT = Date.UTC(2000, 0);

/** Wire events carry RFC 3339 texts or Unix times in seconds or milliseconds; null for what is no such time. */
function timeOf(outer: Fields): number | null {
  const value = outer.timestamp ?? outer.ts ?? outer.time;
  const at = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? unixMs(value) : Number.NaN;
  return at >= FIRST_AT ? at : null;
}

function unixMs(value: number): number {
  return value > 1e11 ? value : value * 1000;
}

const OPEN_MAX = 1000;

/** Which tool calls and questions are open, folded from the lines in order. Bounded: the oldest are dropped. */
export class WireState {
  readonly #tools = new Map<string, { label: string; at: number }>();
  readonly #questions = new Map<string, string | null>();

  /** `seenAt`: when the line was written at the latest, which bounds the time it carries. */
  add(event: WireEvent, seenAt: number): void {
    switch (event.kind) {
      case 'tool_started':
        this.#tools.set(event.id, { label: event.label, at: Math.min(event.at ?? seenAt, seenAt) });
        dropOldest(this.#tools);
        break;
      case 'tool_ended':
        this.#tools.delete(event.id);
        break;
      case 'asked':
        this.#questions.set(event.id, event.text);
        dropOldest(this.#questions);
        break;
      case 'answered':
        this.#questions.delete(event.id);
        break;
      case 'turn_ended':
        this.clear();
        break;
      case 'other':
        break;
    }
  }

  clear(): void {
    this.#tools.clear();
    this.#questions.clear();
  }

  /** The tool call that has been open for longest. */
  get openTool(): { label: string; at: number } | null {
    return this.#tools.values().next().value ?? null;
  }

  /** An unanswered question to a person; its text is null where the line gave none. */
  get question(): { text: string | null } | null {
    if (!this.#questions.size) return null;
    return { text: [...this.#questions.values()].at(-1) ?? null };
  }
}

function dropOldest(map: Map<string, unknown>): void {
  if (map.size > OPEN_MAX) map.delete(map.keys().next().value as string);
}
