import { constants, fstatSync, openSync, write } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** Where output is passed on to. */
export interface Sink {
  /** Resolves once all of it is written; rejects with the system's error. Never holds up anything else of this process. */
  write(chunk: Uint8Array): Promise<void>;
  /** Write no more: what waits is rejected. */
  close(): void;
}

/** Standard output or standard error of this process. */
export function openSink(fd: 1 | 2): Sink {
  const stat = fstatSync(fd);
  if (stat.isFIFO()) return streamSink(openAgain(fd) ?? ownStream(fd), true);
  if (stat.isSocket()) return streamSink(ownStream(fd), false);
  return fileSink(fd);
}

/** Whether both of our outputs lead to the same place, so that the order of what is written to them matters. */
export function haveOneTarget(): boolean {
  const [out, err] = [fstatSync(1), fstatSync(2)];
  return out.dev === err.dev && out.ino === err.ino;
}

/**
 * The same pipe, opened for ourselves alone: that we write without waiting is then no business of the others that have
 * it too. Null where that cannot be (no /proc, a pipe of another user).
 */
function openAgain(fd: number): Socket | null {
  try {
    const own = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
    return new Socket({ fd: own, readable: false, writable: true });
  } catch {
    return null;
  }
}

function ownStream(fd: 1 | 2): Writable {
  return fd === 1 ? process.stdout : process.stderr;
}

function streamSink(stream: Writable, isOurs: boolean): Sink {
  // Told by each write; unheard it would end this process.
  stream.on('error', () => undefined);
  let close: () => void = () => undefined;
  const closed = new Promise<never>((_, refuse) => {
    close = () => refuse(new Error('nothing more is written'));
  });
  closed.catch(() => undefined);
  return {
    write: (chunk) =>
      Promise.race([
        closed,
        new Promise<void>((done, refuse) => stream.write(chunk, (error) => (error ? refuse(error) : done()))),
      ]),
    close() {
      close();
      if (isOurs) stream.destroy();
    },
  };
}

const RETRY_MS = 10;

/** For files and terminals: written in the background. */
function fileSink(fd: number): Sink {
  let isClosed = false;
  const writeSome = (chunk: Uint8Array): Promise<number> =>
    new Promise((done, refuse) => {
      write(fd, chunk, (error, count) => {
        if (!error) done(count);
        else if (error.code === 'EAGAIN' && !isClosed) setTimeout(() => done(0), RETRY_MS);
        else refuse(error);
      });
    });
  return {
    async write(chunk) {
      for (let done = 0; done < chunk.length; ) done += await writeSome(chunk.subarray(done));
    },
    close() {
      isClosed = true;
    },
  };
}
