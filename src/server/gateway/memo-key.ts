import { createHash } from 'node:crypto';
import { stringify } from 'safe-stable-stringify';
import { eachHeader, type RawHeaders } from './headers';
import type { JsonBody } from './memo-choice';

/** Headers on which no answer depends. All others count, so that nobody gets an answer to another one's key. */
const WITHOUT_EFFECT = new Set([
  'baggage',
  'cache-control',
  'content-length',
  'content-type',
  'date',
  'idempotency-key',
  'pragma',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-client-request-id',
  'x-request-id',
]);
/** What the official clients tell of themselves, such as how often they have tried. */
const OF_THE_CLIENT = 'x-stainless-';

/** A number of so many digits, or so large or small, may not be what it was once it is read. */
const UNSURE_NUMBER = /\d{16}|\de[+-]?\d{3}/i;

export interface Identified {
  method: string;
  /** Of the upstream, with its path and query. */
  address: string;
  /** As they are forwarded. */
  headers: RawHeaders;
  body: JsonBody;
  bytes: Uint8Array;
}

/**
 * Names a request by everything its answer depends on. A hash: neither key nor prompt can be read from it. The order in
 * which parameters or headers stand makes no difference, nor does white space.
 */
export function memoKey({ method, address, headers, body, bytes }: Identified): string {
  const counted = [...eachHeader(headers)].filter(
    ([name]) => !WITHOUT_EFFECT.has(name) && !name.startsWith(OF_THE_CLIENT),
  );
  counted.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return createHash('sha256')
    .update(JSON.stringify([method, address, counted, parametersIn(text, body)]))
    .digest('base64url');
}

function parametersIn(text: string, body: JsonBody): string | undefined {
  if (UNSURE_NUMBER.test(text)) return text;
  try {
    return stringify(body);
  } catch {
    // Nested too deeply to be gone through.
    return text;
  }
}
