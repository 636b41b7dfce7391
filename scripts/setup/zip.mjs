// @ts-check
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

/**
 * Unpacks parts of a zip file without an unzip program. For archives whose checksum was verified before: plain zip
 * (stored or deflated, below 4 GB), files and folders only.
 *
 * @typedef {object} ZipEntry
 * @property {string} name path in the archive, with slashes; a folder's ends with one
 * @property {number} mode Unix permission bits; 0 where the archive names none
 * @property {number} method 0 stored, 8 deflated
 * @property {number} packedBytes
 * @property {number} bytes
 * @property {number} headerOffset
 */

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const HEADER_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const HEADER_BYTES = 30;
const MAX_COMMENT_BYTES = 0xffff;
const UNIX = 3;

/**
 * @param {string} archive path of the zip file
 * @param {string} destination folder to unpack into
 * @param {(name: string) => string | undefined} target where an entry goes, relative to `destination`; undefined skips it
 */
export async function unzip(archive, destination, target) {
  const file = await open(archive);
  try {
    for (const entry of await readEntries(file)) {
      const relative = entry.name.endsWith('/') ? undefined : target(entry.name);
      if (relative !== undefined) await extract(archive, file, entry, inside(destination, relative));
    }
  } finally {
    await file.close();
  }
}

/**
 * @param {import('node:fs/promises').FileHandle} file
 * @returns {Promise<ZipEntry[]>}
 */
async function readEntries(file) {
  const { size } = await file.stat();
  const tail = await readAt(
    file,
    Math.max(0, size - END_BYTES - MAX_COMMENT_BYTES),
    Math.min(size, END_BYTES + MAX_COMMENT_BYTES),
  );
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  if (end < 0) throw new Error('not a zip file: it has no central directory');
  const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  return parseDirectory(directory, tail.readUInt16LE(end + 10));
}

/**
 * @param {Buffer} directory
 * @param {number} count
 * @returns {ZipEntry[]}
 */
function parseDirectory(directory, count) {
  const entries = [];
  let at = 0;
  for (let n = 0; n < count; n += 1) {
    if (directory.readUInt32LE(at) !== ENTRY_SIGNATURE)
      throw new Error('broken zip file: bad entry in its central directory');
    const nameBytes = directory.readUInt16LE(at + 28);
    const unix = directory.readUInt8(at + 5) === UNIX;
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      mode: unix ? (directory.readUInt32LE(at + 38) >>> 16) & 0o777 : 0,
      method: directory.readUInt16LE(at + 10),
      packedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      headerOffset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/**
 * @param {string} archive
 * @param {import('node:fs/promises').FileHandle} file the same, open
 * @param {ZipEntry} entry
 * @param {string} path
 */
async function extract(archive, file, entry, path) {
  if (entry.method !== 0 && entry.method !== 8) throw new Error(`${entry.name}: unknown compression ${entry.method}`);
  const header = await readAt(file, entry.headerOffset, HEADER_BYTES);
  if (header.readUInt32LE(0) !== HEADER_SIGNATURE) throw new Error(`broken zip file: ${entry.name} has no header`);
  await mkdir(dirname(path), { recursive: true });
  const out = createWriteStream(path, { mode: entry.mode || 0o644 });
  if (entry.packedBytes === 0) {
    await pipeline([], out);
  } else {
    const start = entry.headerOffset + HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
    const packed = createReadStream(archive, { start, end: start + entry.packedBytes - 1 });
    await (entry.method === 8 ? pipeline(packed, createInflateRaw(), out) : pipeline(packed, out));
  }
  if (out.bytesWritten !== entry.bytes) throw new Error(`broken zip file: ${entry.name} is cut short`);
}

/**
 * @param {string} folder
 * @param {string} relative
 * @returns {string} the path below `folder`; throws for one that leads out of it
 */
function inside(folder, relative) {
  const path = resolve(join(folder, relative));
  if (!path.startsWith(resolve(folder) + sep)) throw new Error(`${relative} leads out of ${folder}`);
  return path;
}

/**
 * @param {import('node:fs/promises').FileHandle} file
 * @param {number} position
 * @param {number} length
 * @returns {Promise<Buffer>}
 */
async function readAt(file, position, length) {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new Error('broken zip file: it ends too early');
  return buffer;
}
