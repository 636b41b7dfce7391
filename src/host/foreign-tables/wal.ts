/**
 * The pages that a SQLite write-ahead log adds to its database: the format of https://sqlite.org/fileformat2.html#walformat.
 * Pure: bytes in, bytes out.
 */

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The last bit says in which order checksums take the bytes. */
const MAGIC = 0x377f0682;

/** What of a log's beginning is another thing once it is begun anew. */
export function generationOf(wal: Buffer | null): string {
  return wal && wal.length >= HEADER_BYTES ? wal.toString('hex', 0, HEADER_BYTES) : '';
}

/**
 * A database as its log completes it: every page of a transaction that was committed, none of one that was not. Null
 * where the log is not one of this database. The result is marked as having no log, and may share memory with `database`.
 */
export function completed(database: Buffer, wal: Buffer): Buffer | null {
  if (wal.length < HEADER_BYTES || (wal.readUInt32BE(0) & ~1) >>> 0 !== MAGIC) return withoutLog(database);
  const pageBytes = wal.readUInt32BE(8);
  if (pageBytes !== pageBytesOf(database)) return null;
  const { pages, count } = committedPages(wal, pageBytes);
  if (count === 0) return withoutLog(database);
  if (count * pageBytes > database.length + wal.length) return null;
  const whole = Buffer.alloc(count * pageBytes);
  database.copy(whole, 0, 0, whole.length);
  for (const [number, at] of pages) {
    if (number <= count) wal.copy(whole, (number - 1) * pageBytes, at, at + pageBytes);
  }
  return withoutLog(whole);
}

function pageBytesOf(database: Buffer): number {
  const written = database.readUInt16BE(16);
  return written === 1 ? 65_536 : written;
}

/** Bytes 18 and 19 say how a database is written: 2 with a log beside it, 1 without. */
function withoutLog(database: Buffer): Buffer {
  database[18] = 1;
  database[19] = 1;
  return database;
}

/** Where in the log the newest committed form of each page stands, and how many pages the database then has. */
function committedPages(wal: Buffer, pageBytes: number): { pages: Map<number, number>; count: number } {
  const pages = new Map<number, number>();
  const pending = new Map<number, number>();
  const littleEndian = (wal.readUInt32BE(0) & 1) === 0;
  const salts = wal.subarray(16, 24);
  let sum = checksum(wal, 0, 24, [0, 0], littleEndian);
  let count = 0;
  if (!isWritten(wal, 24, sum)) return { pages, count };
  for (let at = HEADER_BYTES; at + FRAME_HEADER_BYTES + pageBytes <= wal.length; at += FRAME_HEADER_BYTES + pageBytes) {
    // What was left over from before the log was begun anew has other salts; what is half-written another sum.
    if (!wal.subarray(at + 8, at + 16).equals(salts)) break;
    sum = checksum(wal, at, 8, sum, littleEndian);
    sum = checksum(wal, at + FRAME_HEADER_BYTES, pageBytes, sum, littleEndian);
    if (!isWritten(wal, at + 16, sum)) break;
    pending.set(wal.readUInt32BE(at), at + FRAME_HEADER_BYTES);
    const pagesAfter = wal.readUInt32BE(at + 4);
    if (pagesAfter === 0) continue;
    count = pagesAfter;
    for (const [number, where] of pending) pages.set(number, where);
    pending.clear();
  }
  return { pages, count };
}

type Sum = [number, number];

function isWritten(wal: Buffer, at: number, [first, second]: Sum): boolean {
  return wal.readUInt32BE(at) === first && wal.readUInt32BE(at + 4) === second;
}

function checksum(bytes: Buffer, from: number, length: number, [a, b]: Sum, littleEndian: boolean): Sum {
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, length);
  let first = a;
  let second = b;
  for (let at = 0; at < length; at += 8) {
    first = (first + view.getUint32(at, littleEndian) + second) >>> 0;
    second = (second + view.getUint32(at + 4, littleEndian) + first) >>> 0;
  }
  return [first, second];
}
