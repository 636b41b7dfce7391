import type { Dir } from 'node:fs';
import { realFs } from './real-fs';

const { opendirSync } = realFs;

/** Entries read from the system at a time. */
const READ_AHEAD = 128;

export interface Entry {
  /** Raw: one character a byte. */
  name: string;
  isDirectory: boolean;
}

/** The entries of one directory, read bit by bit: it may hold any number. Nothing is kept open once it is left. */
export function* entriesOf(path: Buffer): Generator<Entry, void, void> {
  // Names come as bytes on request, of which Node's types do not know.
  const dir: Dir = opendirSync(path, { encoding: 'buffer' as BufferEncoding, bufferSize: READ_AHEAD });
  try {
    for (let entry = dir.readSync(); entry; entry = dir.readSync()) {
      yield { name: (entry.name as unknown as Buffer).toString('latin1'), isDirectory: entry.isDirectory() };
    }
  } finally {
    dir.closeSync();
  }
}
