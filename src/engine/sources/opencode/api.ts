import type { Http, HttpAnswer } from '../../ports';
import { isObject, parseJson } from '../drift';
import { parseTurn, type Turn } from './events';
import {
  type Ask,
  type Parsed,
  parseAsks,
  parseSessions,
  parseStatuses,
  type SessionInfo,
  type SessionStatus,
} from './parse';

/** It answers nothing while it fetches what a project wants to have. */
const ASK_TIMEOUT_MS = 10_000;
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;
const SMALL_MAX_BYTES = 64 * 1024;
/** A turn of more messages began further back than is looked. */
const TURN_MESSAGES = 20;

/** `fault`: words for a sentence's middle. `isRefused`: it wants another user and password; `isAnswered`: it answers, whatever. */
export type Answer<T> = { ok: true; value: T } | { ok: false; fault: string; isRefused: boolean; isAnswered: boolean };

/** Where a server is. */
export interface ServerAddress {
  /** With user and password, where there are any; never shown. No slash at its end. */
  url: string;
  /** Without them. */
  shown: string;
  /** The same for all ways to write one address. */
  key: string;
  port: number;
  /** It is on this machine. */
  isLocal: boolean;
}

const LOCAL_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

export function parseAddress(text: string): ServerAddress | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isLocal = LOCAL_NAMES.has(url.hostname);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const path = url.pathname.replace(/\/+$/, '');
  const secret = url.username || url.password ? `${url.username}:${url.password}@` : '';
  const at = (before: string, host: string) => `${url.protocol}//${before}${host}${path}`;
  const host = isLocal ? `local:${port}` : `${url.hostname}:${port}`;
  return { url: at(secret, url.host), shown: at('', url.host), key: at('', host), port, isLocal };
}

/**
 * The questions an OpenCode server is asked. Whatever names a directory makes the server load that directory (its
 * plugins, language and tool servers) where it has not, so only such directories are named as it has loaded itself.
 */
export class OpenCodeApi {
  constructor(
    private readonly http: Http,
    readonly address: ServerAddress,
  ) {}

  /** `value`: it is an OpenCode server. */
  async health(): Promise<Answer<boolean>> {
    const answer = await this.#get('/global/health', {}, SMALL_MAX_BYTES);
    if (!answer.ok) return answer;
    const value = parseJson(answer.value.body);
    return { ok: true, value: isObject(value) && typeof value.healthy === 'boolean' };
  }

  /** Sessions of all directories that changed since then, newest first, at most `limit`; not the archived ones. */
  async sessions(sinceAt: number, limit: number): Promise<Answer<{ sessions: SessionInfo[]; drift: string | null }>> {
    const query = { start: String(Math.floor(sinceAt)), limit: String(limit) };
    const all = await this.#get('/experimental/session', query);
    // Not every version lists the sessions of all projects; each lists those of the project it was started in.
    const answer = !all.ok && all.status === 404 ? await this.#get('/session', query) : all;
    return read(answer, parseSessions);
  }

  /** The sessions of a directory that are not idle. */
  async statuses(directory: string): Promise<Answer<Map<string, SessionStatus>>> {
    return read(await this.#get('/session/status', { directory }), parseStatuses);
  }

  /** What sessions of a directory ask of a person. */
  async asks(directory: string): Promise<Answer<Ask[]>> {
    const ask = async (path: string) => read(await this.#get(path, { directory }), parseAsks);
    const [permissions, questions] = await Promise.all([ask('/permission'), ask('/question')]);
    if (!permissions.ok) return permissions;
    if (!questions.ok) return questions;
    return { ok: true, value: [...permissions.value, ...questions.value] };
  }

  async turn(sessionId: string, directory: string): Promise<Answer<Turn>> {
    const query = { directory, limit: String(TURN_MESSAGES) };
    return read(await this.#get(`/session/${sessionId}/message`, query), parseTurn);
  }

  /** That it says yes does not mean that there was anything to abort. */
  async abort(sessionId: string, directory: string): Promise<Answer<true>> {
    const url = this.#url(`/session/${sessionId}/abort`, { directory });
    const answer = this.#checked(
      await this.http.ask({ method: 'POST', url, timeoutMs: ASK_TIMEOUT_MS, maxBytes: SMALL_MAX_BYTES }),
    );
    return answer.ok ? { ok: true, value: true } : answer;
  }

  /** Events of all directories. */
  follow(on: { event(data: string): void; end(reason: string): void }): { close(): void } {
    return this.http.follow(this.#url('/global/event', {}), on);
  }

  async #get(path: string, query: Record<string, string>, maxBytes = ANSWER_MAX_BYTES) {
    const url = this.#url(path, query);
    return this.#checked(await this.http.ask({ method: 'GET', url, timeoutMs: ASK_TIMEOUT_MS, maxBytes }));
  }

  #url(path: string, query: Record<string, string>): string {
    const search = new URLSearchParams(query).toString();
    return `${this.address.url}${path}${search ? `?${search}` : ''}`;
  }

  #checked(answer: HttpAnswer): Checked {
    if (!answer.ok) return { ok: false, fault: answer.reason, status: null, isRefused: false, isAnswered: false };
    const { status, body } = answer;
    if (status === 200) return { ok: true, value: { body } };
    const isRefused = status === 401 || status === 403;
    const fault = isRefused
      ? `it wants another user and password (HTTP ${status}): its address in the settings takes them as user:password@`
      : `it answers with HTTP ${status}`;
    return { ok: false, fault, status, isRefused, isAnswered: true };
  }
}

type Checked =
  | { ok: true; value: { body: string } }
  | { ok: false; fault: string; status: number | null; isRefused: boolean; isAnswered: boolean };

function read<T>(answer: Checked, parse: (body: string) => Parsed<T>): Answer<T> {
  if (!answer.ok) return answer;
  const parsed = parse(answer.value.body);
  return parsed.ok ? parsed : { ok: false, fault: parsed.drift, isRefused: false, isAnswered: true };
}
