import { harmless } from '../../../shared/format';

/**
 * Pure parsing of what Codex keeps of a session: a rollout file, one JSON object `{timestamp, type, payload}` a line.
 * Lines of other kinds than those below are activity and no more; what a later version adds is so too.
 */

const NAME_MAX = 80;
const LABEL_MAX = 80;
const QUESTION_MAX = 200;

/** Tools whose use Codex may ask a person about before it begins. `mcp__…` are those of other servers. */
const MAY_ASK =
  /^(exec_command|shell|shell_command|local_shell|container\.exec|apply_patch|request_permissions|mcp__.*)$/;
/** Tools that only wait for a sub-agent: its own session tells whether it works. */
const WAITS_FOR_AGENT = /^(wait|wait_agent)$/;
const ASKS_PERSON = 'request_user_input';
/** Lines that are known and tell nothing here. */
const OTHER_LINES = new Set(['compacted', 'world_state', 'token_usage_record', 'retained_context']);
const NAMES_TURN = /(^|_)(task|turn)s?(_|$)/i;

export interface RolloutMeta {
  threadId: string;
  /** The thread this one works for; null: for a person. */
  parentThreadId: string | null;
  cwd: string | null;
  /** How it was started, as Codex has it: `exec`, `cli`, `vscode`, `subagent` …; null where it does not say. */
  source: string | null;
  /** Of sub-agents. */
  nickname: string | null;
  role: string | null;
  version: string | null;
}

/** A call of a tool, as the model made it. */
export interface ToolCall {
  callId: string;
  label: string;
  /** The command it runs, where it runs one. */
  command: string | null;
  /** Codex may wait for a person's approval before it carries it out, and writes nothing of that. */
  mayAsk: boolean;
  waitsForAgent: boolean;
  /** What it asks a person; null: it is no question. */
  question: string | null;
}

export type RolloutEvent =
  | { kind: 'meta'; meta: RolloutMeta }
  | { kind: 'turn_started' }
  /** `error`: why it broke off; null: it did its work. */
  | { kind: 'turn_completed'; error: string | null }
  | { kind: 'turn_aborted'; reason: string | null }
  | { kind: 'turn_settings'; approvalPolicy: string | null }
  | { kind: 'said'; text: string }
  | { kind: 'answered' }
  | { kind: 'call_started'; call: ToolCall }
  | { kind: 'call_ended'; callId: string }
  /** Written at every reconnection as well, with `tokens` null: no progress. */
  | { kind: 'tokens'; tokens: number | null }
  /** An event of a turn, by its name, which may be its begin, its end or something new. */
  | { kind: 'unknown_turn_event'; type: string }
  /** A line of a type that is not known. */
  | { kind: 'unknown_line'; type: string }
  | { kind: 'other' };

export interface RolloutLine {
  /** Null where the line has no time that can be read. */
  at: number | null;
  event: RolloutEvent;
}

type Fields = Record<string, unknown>;

/** Parse one line. A string is what was expected and what was found instead. */
export function parseLine(line: string): RolloutLine | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'expected a line of JSON, found something else';
  }
  const { timestamp, type, payload } = fields(value);
  if (typeof type !== 'string') return 'expected a line with a type, found one without';
  const at = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  const event = eventOf(type, fields(payload));
  return typeof event === 'string' ? event : { at: Number.isNaN(at) ? null : at, event };
}

/** The thread of a rollout, by the file's name; null where it is none. */
export function threadOf(fileName: string): string | null {
  return /^rollout-.*?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/.exec(fileName)?.[1] ?? null;
}

function eventOf(type: string, payload: Fields): RolloutEvent | string {
  switch (type) {
    case 'session_meta':
      return metaOf(payload);
    case 'turn_context':
      return { kind: 'turn_settings', approvalPolicy: textOf(payload.approval_policy) };
    case 'event_msg':
      return eventMessage(payload);
    case 'response_item':
      return responseItem(payload);
    default:
      return OTHER_LINES.has(type) ? { kind: 'other' } : { kind: 'unknown_line', type: harmless(type, NAME_MAX) };
  }
}

function metaOf(payload: Fields): RolloutEvent | string {
  const threadId = textOf(payload.id);
  if (threadId === null) return 'expected a session_meta with an id, found one without';
  const spawn = fields(fields(fields(payload.source).subagent).thread_spawn);
  return {
    kind: 'meta',
    meta: {
      threadId,
      parentThreadId: textOf(payload.parent_thread_id) ?? textOf(spawn.parent_thread_id),
      cwd: textOf(payload.cwd),
      source: textOf(payload.source) ?? (isFields(payload.source) ? (Object.keys(payload.source)[0] ?? null) : null),
      nickname: textOf(payload.agent_nickname) ?? textOf(spawn.agent_nickname),
      role: textOf(payload.agent_role) ?? textOf(spawn.agent_role),
      version: textOf(payload.cli_version),
    },
  };
}

function eventMessage(payload: Fields): RolloutEvent | string {
  switch (payload.type) {
    case 'task_started':
    case 'turn_started':
      return { kind: 'turn_started' };
    case 'task_complete':
    case 'turn_complete':
      return { kind: 'turn_completed', error: errorOf(payload.error) };
    case 'turn_aborted':
      return { kind: 'turn_aborted', reason: textOf(payload.reason) };
    case 'token_count': {
      const total = fields(fields(payload.info).total_token_usage).total_tokens;
      return { kind: 'tokens', tokens: typeof total === 'number' ? total : null };
    }
    case 'user_message':
      return said(payload.message);
    case 'item_completed':
      return completedItem(fields(payload.item));
    default:
      return otherMessage(payload.type);
  }
}

function otherMessage(type: unknown): RolloutEvent | string {
  if (typeof type !== 'string') return 'expected an event_msg with a type, found one without';
  return NAMES_TURN.test(type) ? { kind: 'unknown_turn_event', type: harmless(type, NAME_MAX) } : { kind: 'other' };
}

function completedItem(item: Fields): RolloutEvent {
  if (item.type === 'AgentMessage') return { kind: 'answered' };
  if (item.type !== 'UserMessage' || !Array.isArray(item.content)) return { kind: 'other' };
  return said(item.content.map((part) => textOf(fields(part).text) ?? '').join(' '));
}

function responseItem(payload: Fields): RolloutEvent {
  const callId = textOf(payload.call_id) ?? textOf(payload.id);
  switch (payload.type) {
    case 'function_call':
    case 'custom_tool_call':
    case 'local_shell_call':
      return callId === null ? { kind: 'other' } : { kind: 'call_started', call: callOf(callId, payload) };
    case 'function_call_output':
    case 'custom_tool_call_output':
      return callId === null ? { kind: 'other' } : { kind: 'call_ended', callId };
    case 'message':
      return payload.role === 'assistant' ? { kind: 'answered' } : { kind: 'other' };
    default:
      return { kind: 'other' };
  }
}

function callOf(callId: string, payload: Fields): ToolCall {
  const name = payload.type === 'local_shell_call' ? 'local_shell' : (textOf(payload.name) ?? 'tool call');
  const group = textOf(payload.namespace) ?? '';
  const args = argumentsOf(payload.arguments ?? payload.action);
  const command = commandOf(args);
  return {
    callId,
    label: harmless(command ?? name, LABEL_MAX),
    command,
    mayAsk: MAY_ASK.test(name) || group.startsWith('mcp__'),
    waitsForAgent: WAITS_FOR_AGENT.test(name),
    question: name === ASKS_PERSON ? questionOf(args) : null,
  };
}

function argumentsOf(value: unknown): Fields {
  if (typeof value !== 'string') return fields(value);
  try {
    return fields(JSON.parse(value));
  } catch {
    return {};
  }
}

/** `{cmd}` and `{command}`, a text or a list of words, of which a shell's last is its script. */
function commandOf(args: Fields): string | null {
  const command = args.cmd ?? args.command;
  if (Array.isArray(command)) {
    const words = command.filter((word) => typeof word === 'string');
    return /^-\w*c$/.test(words[1] ?? '') ? (words[2] ?? null) : words.join(' ') || null;
  }
  return textOf(command);
}

function questionOf(args: Fields): string {
  const questions = Array.isArray(args.questions) ? args.questions : [];
  const texts = questions.flatMap((question) => textOf(fields(question).question) ?? []);
  return harmless(texts.join(' · ') || 'a question', QUESTION_MAX);
}

function errorOf(error: unknown): string | null {
  if (error === null || error === undefined) return null;
  return harmless(textOf(fields(error).message) ?? textOf(error) ?? 'an error', QUESTION_MAX);
}

function said(text: unknown): RolloutEvent {
  const line = (textOf(text) ?? '').replace(/\s+/g, ' ').trim();
  return line === '' ? { kind: 'other' } : { kind: 'said', text: harmless(line, NAME_MAX) };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
