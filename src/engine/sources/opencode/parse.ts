import { harmless } from '../../../shared/format';
import type { Usage } from '../../../shared/model';
import { expected, isAbsolutePath, isObject, parseJson } from '../drift';

/** What an OpenCode server (1.18) answers, made into plain facts. Pure: text in, facts out; what has drifted is said. */

const TEXT_MAX = 300;
const LABEL_MAX = 120;
const ID = /^[A-Za-z0-9_-]{1,120}$/;

export type Parsed<T> = { ok: true; value: T } | { ok: false; drift: string };

/** One session as listed. Times are milliseconds since the epoch. */
export interface SessionInfo {
  id: string;
  title: string;
  directory: string;
  parentId: string | null;
  createdAt: number;
  updatedAt: number;
  isArchived: boolean;
  usage: Usage;
}

/** What a session is at: `busy`, or trying again after a failure of its model. */
export type SessionStatus =
  | { type: 'idle' }
  | { type: 'busy' }
  | { type: 'retry'; attempt: number; message: string; nextAt: number | null };

/** Something a session asks of a person. */
export interface Ask {
  id: string;
  sessionId: string;
  text: string;
}

/** A call of a tool that is under way. */
export interface ToolCall {
  id: string;
  /** What it does, in words: of a shell, its command. */
  label: string;
  startedAt: number | null;
  /** How long it may take by its own word. */
  timeoutMs: number | null;
  /** It has another session do the work. */
  isDelegation: boolean;
}

/** The newest messages of a session: what it is at, for whoever did not hear of it as it happened. */
export interface Turn {
  /** When the person's last message came; null where it lies further back. */
  beganAt: number | null;
  /** The newest time anything in it names. */
  activeAt: number | null;
  running: ToolCall[];
}

/** One event of the server. `activity`: something came of the session's work. */
export type ServerEvent =
  | { kind: 'info'; directory: string | null; info: SessionInfo }
  | { kind: 'deleted'; sessionId: string }
  | { kind: 'status'; directory: string | null; sessionId: string; status: SessionStatus }
  | { kind: 'asked'; directory: string | null; ask: Ask }
  | { kind: 'answered'; sessionId: string; askId: string }
  | { kind: 'tool'; sessionId: string; call: ToolCall; isRunning: boolean }
  | { kind: 'activity'; sessionId: string }
  | { kind: 'disposed'; directory: string | null }
  | { kind: 'other' };

export function parseSessions(body: string): Parsed<{ sessions: SessionInfo[]; drift: string | null }> {
  const value = parseJson(body);
  if (!Array.isArray(value)) return { ok: false, drift: expected('a list of sessions', value) };
  const parsed = value.map(parseSession);
  const sessions = parsed.flatMap((each) => (each.ok ? each.value : []));
  const broken = parsed.find((each) => !each.ok);
  return { ok: true, value: { sessions, drift: broken && !broken.ok ? broken.drift : null } };
}

export function parseSession(value: unknown): Parsed<SessionInfo> {
  if (!isObject(value)) return drifted('a session', value);
  const { id, title, directory, parentID, time } = value;
  if (!isId(id)) return drifted('the id of a session', id);
  if (!isAbsolutePath(directory)) return drifted('the directory of a session as an absolute path', directory);
  if (!isObject(time)) return drifted('time of a session', time);
  const [createdAt, updatedAt] = [timeIn(time.created), timeIn(time.updated)];
  if (createdAt === null || updatedAt === null) return drifted('time.created and time.updated of a session', time);
  return {
    ok: true,
    value: {
      id,
      title: typeof title === 'string' && title.trim() ? harmless(title.trim(), LABEL_MAX) : id,
      directory,
      parentId: isId(parentID) ? parentID : null,
      createdAt,
      updatedAt,
      isArchived: timeIn(time.archived) !== null,
      usage: { tokens: tokensIn(value.tokens), cost: amountIn(value.cost) },
    },
  };
}

/** By session id. Whoever is not named is idle. */
export function parseStatuses(body: string): Parsed<Map<string, SessionStatus>> {
  const value = parseJson(body);
  if (!isObject(value)) return drifted('the statuses of sessions by their ids', value);
  const statuses = new Map<string, SessionStatus>();
  for (const [id, each] of Object.entries(value)) {
    const status = parseStatus(each);
    if (!status.ok) return status;
    statuses.set(id, status.value);
  }
  return { ok: true, value: statuses };
}

function parseStatus(value: unknown): Parsed<SessionStatus> {
  const type = isObject(value) ? value.type : undefined;
  if (!isObject(value) || (type !== 'idle' && type !== 'busy' && type !== 'retry'))
    return drifted('a status of type idle, busy or retry', type ?? value);
  if (type !== 'retry') return { ok: true, value: { type } };
  const { attempt, message, next } = value;
  return {
    ok: true,
    value: {
      type,
      attempt: amountIn(attempt) ?? 0,
      message: typeof message === 'string' ? harmless(message, TEXT_MAX) : '',
      nextAt: timeIn(next),
    },
  };
}

/** Pending permissions or questions. */
export function parseAsks(body: string): Parsed<Ask[]> {
  const value = parseJson(body);
  if (!Array.isArray(value)) return drifted('a list of what is asked', value);
  const asks: Ask[] = [];
  for (const each of value) {
    const ask = askIn(each);
    if (!ask) return drifted('a permission or question with id and sessionID', each);
    asks.push(ask);
  }
  return { ok: true, value: asks };
}

function askIn(value: unknown): Ask | null {
  if (!isObject(value) || !isId(value.id) || !isId(value.sessionID)) return null;
  const text = Array.isArray(value.questions) ? questionText(value.questions) : permissionText(value);
  return { id: value.id, sessionId: value.sessionID, text: harmless(text, TEXT_MAX) };
}

function questionText(questions: unknown[]): string {
  const first = questions.find(isObject);
  const question = typeof first?.question === 'string' ? first.question : 'a question';
  const options = Array.isArray(first?.options) ? first.options : [];
  const labels = options.flatMap((option) => (isObject(option) ? textIn(option.label) : [])).join(', ');
  const more = questions.length > 1 ? ` (and ${questions.length - 1} more)` : '';
  return `${question}${labels ? ` (${labels})` : ''}${more}`;
}

function permissionText(value: Record<string, unknown>): string {
  const [what] = [...textIn(value.permission), ...textIn(value.action), 'something'];
  const command = isObject(value.metadata) ? textIn(value.metadata.command) : [];
  const named = [value.patterns, value.resources].find(Array.isArray) ?? [];
  const about = command.length ? command : named.flatMap(textIn);
  return `permission for ${what}${about.length ? `: ${about.join(', ')}` : ''}`;
}

/** The newest messages of a session, as `GET /session/{id}/message` lists them. */
export function parseTurn(body: string): Parsed<Turn> {
  const value = parseJson(body);
  if (!Array.isArray(value)) return drifted('a list of messages', value);
  const messages = value.filter(isObject);
  const asked = messages.findLast(({ info }) => isObject(info) && info.role === 'user')?.info;
  const times: number[] = [];
  const running: ToolCall[] = [];
  for (const { info, parts } of messages) {
    times.push(...timesIn(info));
    for (const part of Array.isArray(parts) ? parts.filter(isObject) : []) {
      times.push(...timesIn(part), ...timesIn(part.state));
      const tool = toolIn(part);
      if (tool?.isRunning) running.push(tool.call);
    }
  }
  const beganAt = isObject(asked) && isObject(asked.time) ? timeIn(asked.time.created) : null;
  return { ok: true, value: { beganAt, activeAt: times.length ? Math.max(...times) : null, running } };
}

/** One event of `GET /global/event`. What tells nothing of sessions is `other`. */
export function parseEvent(data: string): Parsed<ServerEvent> {
  const whole = parseJson(data);
  const payload = isObject(whole) ? whole.payload : undefined;
  if (!isObject(whole) || !isObject(payload) || typeof payload.type !== 'string')
    return drifted('an event with a payload and its type', whole);
  const properties = isObject(payload.properties) ? payload.properties : {};
  const directory = isAbsolutePath(whole.directory) ? whole.directory : null;
  return readEvent(payload.type, properties, directory);
}

function readEvent(type: string, told: Record<string, unknown>, directory: string | null): Parsed<ServerEvent> {
  const other: Parsed<ServerEvent> = { ok: true, value: { kind: 'other' } };
  if (type === 'server.instance.disposed') return { ok: true, value: { kind: 'disposed', directory } };
  if (type === 'session.created' || type === 'session.updated') {
    const info = parseSession(told.info);
    return info.ok ? { ok: true, value: { kind: 'info', directory, info: info.value } } : info;
  }
  const sessionId = told.sessionID;
  if (!isId(sessionId)) return other;
  switch (type) {
    case 'session.deleted':
      return { ok: true, value: { kind: 'deleted', sessionId } };
    case 'session.idle':
      return { ok: true, value: { kind: 'status', directory, sessionId, status: { type: 'idle' } } };
    case 'session.status': {
      const status = parseStatus(told.status);
      return status.ok ? { ok: true, value: { kind: 'status', directory, sessionId, status: status.value } } : status;
    }
    case 'permission.asked':
    case 'permission.v2.asked':
    case 'question.asked':
    case 'question.v2.asked': {
      const ask = askIn(told);
      return ask ? { ok: true, value: { kind: 'asked', directory, ask } } : drifted(`${type} with an id`, told);
    }
    case 'permission.replied':
    case 'permission.v2.replied':
    case 'question.replied':
    case 'question.v2.replied':
    case 'question.rejected':
    case 'question.v2.rejected': {
      const askId = told.requestID;
      return isId(askId) ? { ok: true, value: { kind: 'answered', sessionId, askId } } : drifted(`${type} with requestID`, told);
    }
    case 'message.part.updated':
      return { ok: true, value: partEvent(sessionId, told.part) };
    case 'message.part.delta':
    case 'todo.updated':
    case 'session.compacted':
    case 'command.executed':
      return { ok: true, value: { kind: 'activity', sessionId } };
    default:
      return other;
  }
}

/** That a request was begun or failed is no work. */
const NO_WORK = new Set(['step-start', 'retry', 'snapshot']);

function partEvent(sessionId: string, part: unknown): ServerEvent {
  if (!isObject(part) || NO_WORK.has(String(part.type))) return { kind: 'other' };
  const tool = toolIn(part);
  return tool ? { kind: 'tool', sessionId, ...tool } : { kind: 'activity', sessionId };
}

function toolIn(part: Record<string, unknown>): { call: ToolCall; isRunning: boolean } | null {
  const { type, tool, callID, state } = part;
  if (type !== 'tool' || typeof tool !== 'string' || !isObject(state)) return null;
  const input = isObject(state.input) ? state.input : {};
  const [about] = [input.command, input.description, input.filePath, input.pattern, input.url].flatMap(textIn);
  const label = about === undefined ? tool : input.command === about ? about : `${tool}: ${about}`;
  return {
    call: {
      id: String(callID),
      label: harmless(label, LABEL_MAX),
      startedAt: isObject(state.time) ? timeIn(state.time.start) : null,
      timeoutMs: amountIn(input.timeout),
      isDelegation: tool === 'task',
    },
    isRunning: state.status === 'running',
  };
}

function timesIn(value: unknown): number[] {
  if (!isObject(value) || !isObject(value.time)) return [];
  const { created, completed, start, end } = value.time;
  return [created, completed, start, end].flatMap((time) => timeIn(time) ?? []);
}

function tokensIn(value: unknown): number | null {
  if (!isObject(value)) return null;
  const cache = isObject(value.cache) ? value.cache : {};
  const counts = [value.input, value.output, value.reasoning, cache.read, cache.write].map((each) => amountIn(each) ?? 0);
  return counts.reduce((sum, count) => sum + count, 0);
}

function timeIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 && value < 8.64e15 ? value : null;
}

function amountIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function textIn(value: unknown): string[] {
  return typeof value === 'string' && value.trim() !== '' ? [value.trim()] : [];
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

function drifted(what: string, found: unknown): { ok: false; drift: string } {
  return { ok: false, drift: expected(what, found) };
}
