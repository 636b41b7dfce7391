import { harmless } from '../../../shared/format';
import type { Usage } from '../../../shared/model';
import { expected, isAbsolutePath, isObject, parseJson } from '../drift';

/** What an OpenCode server (1.18) answers, made into plain facts. Pure: text in, facts out; what has drifted is said. */

export const LABEL_MAX = 120;
const TEXT_MAX = 300;
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

export function parseStatus(value: unknown): Parsed<SessionStatus> {
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

export function askIn(value: unknown): Ask | null {
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

function tokensIn(value: unknown): number | null {
  if (!isObject(value)) return null;
  const cache = isObject(value.cache) ? value.cache : {};
  const counts = [value.input, value.output, value.reasoning, cache.read, cache.write].map(
    (each) => amountIn(each) ?? 0,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

export function timeIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 && value < 8.64e15 ? value : null;
}

export function amountIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

export function textIn(value: unknown): string[] {
  return typeof value === 'string' && value.trim() !== '' ? [value.trim()] : [];
}

export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

export function drifted(what: string, found: unknown): { ok: false; drift: string } {
  return { ok: false, drift: expected(what, found) };
}
