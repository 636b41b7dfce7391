import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** What stands in the outside files that links lead to; idlewatch must never show it. */
export const SECRET = 'text of a file outside';

export interface OddFile {
  name: string;
  /** Put it where a regular file should be. */
  make(path: string): void | Promise<void>;
  /** What is said of it. */
  words: string;
}

const LEADS_OUT = 'it is a link that leads out of the worker directory';

/** Everything that may stand in a regular file's place and must not be read. */
export const ODD_FILES: OddFile[] = [
  { name: 'a FIFO', make: (path) => void execFileSync('mkfifo', [path]), words: 'it is a FIFO, not a regular file' },
  { name: 'a socket', make: listenAt, words: 'it is a socket, not a regular file' },
  { name: 'a directory', make: (path) => mkdirSync(path), words: 'it is a directory, not a regular file' },
  {
    name: 'a link to nothing',
    make: (path) => symlinkSync(join(dirname(path), 'nothing'), path),
    words: 'it is a link to nothing',
  },
  {
    name: 'a link to itself',
    make: (path) => symlinkSync(basename(path), path),
    words: 'its links go round in a circle',
  },
  { name: 'a link out of the directory', make: linkOutside, words: LEADS_OUT },
  { name: 'a link to a device', make: (path) => symlinkSync('/dev/zero', path), words: LEADS_OUT },
  {
    name: 'a link to the directory itself',
    make: (path) => symlinkSync('.', path),
    words: 'it is a directory, not a regular file',
  },
];

/** Outside is what a worker would give much to have shown as its own: well-formed, and with a secret in each line. */
function linkOutside(path: string): void {
  const outside = join(dirname(dirname(path)), `${basename(path)} outside`);
  const ts = new Date().toISOString();
  writeFileSync(outside, `${JSON.stringify({ id: 1, task_id: 1, name: SECRET, role: SECRET, ts, message: SECRET })}\n`);
  symlinkSync(outside, path);
}

async function listenAt(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(path, done));
  onTestFinished(() => new Promise<void>((done) => void server.close(() => done())));
}
