import type { Answer, Memo } from '../memo';
import type { Clock } from '../ports';
import { AnswerPromise, type ClientPromise } from './answer-promise';
import { Caller, type StreamClass } from './caller';
import { copyOf } from './copies';
import { identityOf, type Request } from './identity';
import { createStreamWatch, isWholeObject, type Path } from './whole';

/** Pieces of an answer come many times a second: this often they are traffic. */
const CHUNK_GAP_MS = 250;

/** An answer as the client gives it: an object (or text) at once, or a stream of events. */
export type Head = { value: unknown } | { stream: StreamClass };
export type AnswerMemo = Memo<Head, unknown>;

export interface CreateParts {
  memo: AnswerMemo;
  clock: Pick<Clock, 'monotonicMs'>;
  /** A short text that differs where the given one does. */
  digest(text: string): string;
  noteTraffic(): void;
  /** From then on every call is its caller's own. */
  isDestroyed(): boolean;
}

/** The `create` of one of the client's resources. */
export interface Resource {
  create(body: unknown, options?: unknown): ClientPromise<unknown>;
}

/** The client a resource belongs to, and a text that no other client has. */
export interface Owner {
  client: object;
  id: string;
}

/** `create` that shares the calls of identical requests and remembers their answers. */
export function shareCreate(resource: Resource, path: Path, owner: Owner, parts: CreateParts): Resource['create'] {
  return (body, options) => {
    parts.noteTraffic();
    const request = parts.isDestroyed() ? null : asRequest(path, body, options);
    const identity = request && identityOf(owner.client, request);
    if (!request || !identity) return resource.create(body, options);
    const key = `${owner.id} ${parts.digest(identity)}`;
    return new AnswerPromise<unknown>({
      shared: () => share(resource, path, owner, parts, key, request),
      own: () => resource.create(body, options),
    });
  };
}

async function share(
  resource: Resource,
  path: Path,
  { client }: Owner,
  { memo, clock, noteTraffic }: CreateParts,
  key: string,
  { body, options }: Request,
): Promise<unknown> {
  const caller = new Caller(options.signal as AbortSignal | undefined);
  const { signal } = caller.controller;
  try {
    const answer = await memo.run({
      key,
      signal,
      start: async (shared) => answerOf(path, await resource.create(body, { ...options, signal: shared }), watch),
    });
    if ('stream' in answer.head)
      return new answer.head.stream(caller.stream(answer.chunks, copyOf), caller.controller, client);
    answer.leave();
    caller.done();
    return copyOf(answer.head.value);
  } catch (error) {
    caller.done();
    throw signal.aborted ? abortError(client, error) : error;
  }

  /** Each event of a stream as it comes, for whoever reads it. */
  async function* watch(events: AsyncIterable<unknown>, note: (event: unknown) => void): AsyncGenerator<unknown> {
    let toldMs = clock.monotonicMs();
    for await (const event of events) {
      note(event);
      if (clock.monotonicMs() - toldMs >= CHUNK_GAP_MS) {
        toldMs = clock.monotonicMs();
        noteTraffic();
      }
      yield event;
    }
  }
}

function answerOf(
  path: Path,
  given: unknown,
  watch: (events: AsyncIterable<unknown>, note: (event: unknown) => void) => AsyncIterable<unknown>,
): Answer<Head, unknown> {
  if (!isStream(given))
    return { head: { value: given }, chunks: null, isSuccess: true, isWhole: () => isWholeObject(path, given) };
  const { note, isWhole } = createStreamWatch(path);
  return {
    head: { stream: given.constructor as StreamClass },
    chunks: watch(given, note),
    isSuccess: true,
    isWhole,
  };
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** As it will be sent, so that what the caller does to it afterwards changes nothing. Null: not to be sent as JSON. */
function asRequest(path: Path, body: unknown, options: unknown): Request | null {
  try {
    const sent: unknown = JSON.parse(JSON.stringify(body));
    if (typeof sent !== 'object' || sent === null) return null;
    return { path, body: sent as Record<string, unknown>, options: { ...(options as object | undefined) } };
  } catch {
    return null;
  }
}

/** The client's own error for an aborted request, where it has one. */
function abortError(client: object, error: unknown): unknown {
  const own: unknown = Reflect.get(client.constructor, 'APIUserAbortError');
  return typeof own === 'function' ? Reflect.construct(own, []) : error;
}
