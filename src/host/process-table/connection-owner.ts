import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';

/** The near and the far end of a TCP connection, as a socket of Node tells them. */
export interface Ends {
  localAddress?: string | undefined;
  localPort?: number | undefined;
  remoteAddress?: string | undefined;
  remotePort?: number | undefined;
}

/** The uid of whoever opened a connection; `closed`: nobody holds its far end any more; null: not known. */
export type ConnectionOwner = number | 'closed' | null;

/**
 * Tells who opened the far end of a connection, as the system's own table of sockets has it. Not known where that end is
 * not in the network namespace this runs in (another machine, a container's own network), where it is not reached by IPv4,
 * and on systems other than Linux.
 *
 * A table is dear: the kernel goes through all the room it has for sockets, some milliseconds whatever is in it. It is read
 * beside everything else, and those who ask while it is being read share the next reading.
 */
export function createConnectionOwners(): (ends: Ends) => Promise<ConnectionOwner> {
  if (process.platform !== 'linux') return async () => null;
  const v4 = sharedReading('/proc/net/tcp');
  const v6 = sharedReading('/proc/net/tcp6');
  return async (ends) => {
    const owner = ownerIn(await v4(), ends);
    // A program may speak IPv4 through a socket of IPv6.
    return owner === null ? ownerIn(await v6(), ends) : owner;
  };
}

/** A reading that began before it was asked for may have missed what it is asked for. */
function sharedReading(path: string): () => Promise<string> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<string> | null = null;
  return () => {
    if (next) return next;
    const reading = last.then(() => {
      next = null;
      return readFile(path, 'latin1').catch(() => '');
    });
    last = reading;
    next = reading;
    return reading;
  };
}

/** Read /proc/net/tcp or tcp6, as proc_pid_net(5) describes them. Of `ends` the far one is looked for. */
export function ownerIn(table: string, ends: Ends, order: 'LE' | 'BE' = endianness()): ConnectionOwner {
  const near = written(ends.localAddress, ends.localPort, order);
  const far = written(ends.remoteAddress, ends.remotePort, order);
  if (near === null || far === null) return null;
  const mapped = order === 'LE' ? '0000000000000000FFFF0000' : '00000000000000000000FFFF';
  for (const before of ['', mapped]) {
    const at = table.indexOf(` ${before}${far} ${before}${near} `);
    if (at < 0) continue;
    const [, , , , , , uid = '', , inode = ''] = table.slice(at + 1, at + LINE_MAX).split(/ +/, 9);
    // Of a socket that nobody holds the user is no longer told: it reads as root's.
    return Number(inode) > 0 ? Number(uid) : 'closed';
  }
  return null;
}

/** More than any line is long. */
const LINE_MAX = 512;

/** `0100007F:1F90`; null: no address of IPv4. */
function written(address = '', port = 0, order: 'LE' | 'BE'): string | null {
  const bytes = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/i.exec(address)?.slice(1).map(Number);
  if (!bytes) return null;
  const word = hex(order === 'LE' ? bytes.reverse() : bytes, 2);
  return `${word}:${hex([port], 4)}`;
}

function hex(numbers: number[], digits: number): string {
  return numbers.map((number) => number.toString(16).toUpperCase().padStart(digits, '0')).join('');
}
