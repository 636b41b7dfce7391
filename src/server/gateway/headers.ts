/** Headers of one hop (RFC 9110, 7.6.1): they speak of the connection, not of what it carries. */
const ONE_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Ours, or made anew for the next hop. */
const NOT_FORWARDED = new Set(['host', 'expect']);
const OURS = 'x-idlewatch-';

/** Names and values by turns. */
export type RawHeaders = readonly string[];

/** What goes on to the upstream of a request's headers. */
export function forwardedHeaders(raw: RawHeaders): string[] {
  const named = namedByConnection(raw);
  return kept(raw, (name) => !ONE_HOP.has(name) && !NOT_FORWARDED.has(name) && !named.has(name) && !isOurs(name));
}

/** What goes back to the caller of an answer's headers. */
export function returnedHeaders(raw: RawHeaders): string[] {
  const named = namedByConnection(raw);
  return kept(raw, (name) => !ONE_HOP.has(name) && !named.has(name) && !isOurs(name));
}

/** Name (in small letters) and value, one by one. */
export function* eachHeader(raw: RawHeaders): Generator<[name: string, value: string]> {
  for (let at = 0; at + 1 < raw.length; at += 2) yield [(raw[at] ?? '').toLowerCase(), raw[at + 1] ?? ''];
}

/** The first value of a header; null: it is not there. `name` in small letters. */
export function headerOf(raw: RawHeaders, name: string): string | null {
  for (const [each, value] of eachHeader(raw)) if (each === name) return value;
  return null;
}

function isOurs(name: string): boolean {
  return name.startsWith(OURS);
}

function namedByConnection(raw: RawHeaders): Set<string> {
  const named = new Set<string>();
  for (const [name, value] of eachHeader(raw)) {
    if (name !== 'connection') continue;
    for (const word of value.split(',')) named.add(word.trim().toLowerCase());
  }
  return named;
}

function kept(raw: RawHeaders, isKept: (name: string) => boolean): string[] {
  const out: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (isKept(name.toLowerCase())) out.push(name, raw[at + 1] ?? '');
  }
  return out;
}
