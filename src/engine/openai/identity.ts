import stringify from 'safe-stable-stringify';

/** Options of a request that tell what is asked for, or how: identical calls have them in common. */
const TELLING = ['query', 'timeout', 'maxRetries', 'idempotencyKey'] as const;
/** Options that are this caller's own, or that the client sets itself. */
const OWN = ['signal', 'headers', 'stream'];
/** What a client may be told after it was made. */
const CLIENT_STATE = ['baseURL', 'apiKey', 'organization', 'project', 'timeout', 'maxRetries'] as const;

export interface Request {
  path: string;
  /** As it will be sent. */
  body: Record<string, unknown>;
  options: Record<string, unknown>;
}

/**
 * All that an answer depends on, as one text; null where that cannot be told, or where the caller wants nobody's answer
 * but their own.
 */
export function identityOf(client: object, request: Request): string | null {
  const { path, body, options } = request;
  if (Object.entries(options).some(([key, value]) => value !== undefined && !isKnown(key))) return null;
  const headers = headersOf(options.headers);
  if (!headers || headers.some(([name, value]) => name === 'cache-control' && /no-(cache|store)/i.test(value)))
    return null;
  if (actsBeyondItsAnswer(body)) return null;
  const told = Object.fromEntries(TELLING.map((key) => [key, options[key]]));
  const state = Object.fromEntries(CLIENT_STATE.map((key) => [key, plain(Reflect.get(client, key))]));
  return stringify([path, body, headers, told, state]) ?? null;
}

function isKnown(key: string): boolean {
  return OWN.includes(key) || TELLING.some((telling) => telling === key);
}

/** A conversation grows with each request; of one in the background the answer only says that it has begun. */
function actsBeyondItsAnswer(body: Record<string, unknown>): boolean {
  return Boolean(body.conversation) || body.background === true;
}

/** Names in lower case, in order; null where they are given in a way not known here. */
function headersOf(headers: unknown): [string, string][] | null {
  if (headers === undefined || headers === null) return [];
  if (typeof headers !== 'object') return null;
  const entries: Iterable<unknown> =
    Symbol.iterator in headers ? (headers as Iterable<unknown>) : Object.entries(headers);
  const all: [string, string][] = [];
  for (const entry of entries) {
    if (!Array.isArray(entry) || typeof entry[0] !== 'string' || !isHeaderValue(entry[1])) return null;
    if (entry[1] !== undefined) all.push([entry[0].toLowerCase(), String(entry[1])]);
  }
  return all.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
}

/** Undefined leaves a header as it is, null removes it. */
function isHeaderValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string');
  return value === undefined || value === null || typeof value === 'string' || typeof value === 'number';
}

function plain(value: unknown): unknown {
  return typeof value === 'function' ? null : value;
}
