import { harmless } from '../../../shared/format';
import { isAbsolutePath, isObject, parseJson } from '../drift';
import {
  type Ask,
  amountIn,
  askIn,
  drifted,
  isId,
  LABEL_MAX,
  type Parsed,
  parseSession,
  parseStatus,
  type SessionInfo,
  type SessionStatus,
  textIn,
  timeIn,
} from './parse';

/** What an OpenCode server tells of the work of its sessions, as it happens and afterwards. Pure, as parse.ts is. */

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
      return isId(askId)
        ? { ok: true, value: { kind: 'answered', sessionId, askId } }
        : drifted(`${type} with requestID`, told);
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
