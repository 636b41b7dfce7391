import type { FastifyReply } from 'fastify';
import type { Clock } from '../../engine/ports';
import { ApiError } from './errors';

/** What may wait for a client that reads too slowly; over it, it is dropped. */
export const WAITING_MAX_BYTES = 1024 * 1024;
/** In all, so that what waits for all of them has a bound too. */
const STREAMS_MAX = 256;
/** A comment so often tells both sides that the other is there. */
export const BEAT_MS = 15_000;
/** One that has taken nothing for so many beats is gone. */
const STUCK_BEATS = 4;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

/** One stream of events (SSE) to one client. */
export interface EventStream {
  readonly isOpen: boolean;
  /** The client has not taken yet what was sent: who can wait, should. */
  readonly isFull: boolean;
  /** Send an event; `id`: where the client goes on after a lost connection. A client that is too slow is dropped. */
  send(event: string, data: unknown, id?: number): void;
  /** Resolves once the client has taken what was sent, or is gone. */
  taken(): Promise<void>;
  close(): void;
  /** Called once, however it ended. */
  onClose(listener: () => void): void;
}

/** All streams of one server. */
export interface Streams {
  /** Answer a request with a stream; throws an ApiError where there are too many. */
  open(reply: FastifyReply): EventStream;
  count(): number;
  closeAll(): void;
}

export function createStreams(clock: Clock): Streams {
  const open = new Set<EventStream>();
  return {
    open(reply) {
      if (open.size >= STREAMS_MAX) {
        throw new ApiError(503, 'full', `${STREAMS_MAX} streams are open; that is as many as there may be`, 5);
      }
      const stream = openStream(reply, clock);
      open.add(stream);
      stream.onClose(() => open.delete(stream));
      return stream;
    },
    count: () => open.size,
    closeAll() {
      for (const stream of [...open]) stream.close();
    },
  };
}

function openStream(reply: FastifyReply, clock: Clock): EventStream {
  reply.hijack();
  const { raw } = reply;
  const listeners: (() => void)[] = [];
  let isOpen = true;
  /** What may wait: the first thing that is sent may be as long as it is. */
  let allowedBytes = WAITING_MAX_BYTES;
  let stuckBeats = 0;
  let cancelBeat = clock.after(BEAT_MS, beat);

  function beat(): void {
    stuckBeats = raw.writableNeedDrain ? stuckBeats + 1 : 0;
    if (stuckBeats >= STUCK_BEATS) {
      close();
      return;
    }
    cancelBeat = clock.after(BEAT_MS, beat);
    write(':\n\n');
  }

  function write(text: string): void {
    if (raw.writableLength > allowedBytes) close();
    else raw.write(text);
  }

  /** At once: whoever does not read would not see a farewell either. */
  function close(): void {
    raw.destroy();
    ended();
  }

  function ended(): void {
    if (!isOpen) return;
    isOpen = false;
    cancelBeat();
    for (const listener of listeners) listener();
  }

  raw.on('drain', () => {
    allowedBytes = WAITING_MAX_BYTES;
    stuckBeats = 0;
  });
  raw.on('close', ended);
  raw.on('error', ended);
  raw.writeHead(200, HEADERS);
  raw.write(':\n\n');

  return {
    get isOpen() {
      return isOpen;
    },
    get isFull() {
      return isOpen && raw.writableNeedDrain;
    },
    send(event, data, id) {
      if (!isOpen) return;
      const text = `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
      if (event === 'open') allowedBytes = WAITING_MAX_BYTES + Buffer.byteLength(text);
      write(text);
    },
    taken() {
      if (!isOpen || !raw.writableNeedDrain) return new Promise((done) => setImmediate(done));
      return new Promise((done) => {
        raw.once('drain', done);
        listeners.push(done);
      });
    },
    close,
    onClose: (listener) => void listeners.push(listener),
  };
}
