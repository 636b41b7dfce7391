import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { headerOf, type RawHeaders } from './headers';
import type { JsonBody } from './memo-choice';

export type RawRequest = FastifyRequest['raw'];

/** A larger body goes through as it comes: its answer is not shared, and it is not sent again once it has begun. */
const HELD_MAX_BYTES = 8 * 1024 * 1024;

/** Whether a body's length is told beforehand and small enough to be held. */
export function canBeHeld(headers: RawHeaders): boolean {
  const length = headerOf(headers, 'content-length');
  return length !== null && Number(length) <= HELD_MAX_BYTES;
}

/** Whether a request has a body at all. */
export function hasBody(headers: RawHeaders): boolean {
  const length = headerOf(headers, 'content-length');
  return length === null ? headerOf(headers, 'transfer-encoding') !== null : Number(length) > 0;
}

/** The whole body. Rejects where the caller hangs up before it is whole. */
export async function held(request: RawRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export function isPlainJson(headers: RawHeaders): boolean {
  const type = headerOf(headers, 'content-type') ?? '';
  const encoding = headerOf(headers, 'content-encoding') ?? 'identity';
  return /^application\/json\b/i.test(type) && encoding === 'identity';
}

/** Null where it is no JSON object. What is no UTF-8 would be read as another text than it is. */
export function readJson(bytes: Buffer): JsonBody | null {
  if (!isUtf8(bytes)) return null;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonBody) : null;
  } catch {
    return null;
  }
}
