/** What a request's address says. */
export interface AskedFor {
  /** As the address or the header names it; null: nobody is named. */
  worker: string | null;
  /** After `/v1`, with its slash; '' for `/v1` itself. */
  rest: string;
  /** With its question mark; '' for none. */
  query: string;
}

const ADDRESS = /^(?:\/w\/([^/?#]+))?\/v1(\/[^?#]*)?(\?[^#]*)?$/;
/** Written plainly or in percent signs, these would lead out of what the upstream's address names. */
const DOTS = /(?:^|\/|%2f)(?:\.|%2e){1,2}(?:$|\/|%2f)/i;

/** `/v1/…`, `/w/{worker}/v1/…`; null: nothing that is passed on. `header`: `x-idlewatch-worker`, bytes as Latin-1. */
export function readAddress(url: string, header: string | null): AskedFor | null {
  const found = ADDRESS.exec(url);
  if (!found || DOTS.test(found[2] ?? '')) return null;
  const worker = found[1] === undefined ? fromHeader(header) : decoded(found[1]);
  return { worker, rest: found[2] ?? '', query: found[3] ?? '' };
}

/** Where it is asked for upstream. */
export interface Target {
  origin: string;
  path: string;
  /** For words: never with a user, password or query. */
  shown: string;
}

/** `base`: the upstream's address with its `/v1`. */
export function targetOf(base: string, { rest, query }: Pick<AskedFor, 'rest' | 'query'>): Target {
  const { origin, pathname } = new URL(base);
  const folder = pathname.replace(/\/+$/, '');
  return { origin, path: `${folder}${rest}${query}` || '/', shown: origin + folder };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function fromHeader(header: string | null): string | null {
  return header === null || header === '' ? null : Buffer.from(header, 'latin1').toString('utf8');
}
