#!/usr/bin/env node
import { version } from '../../package.json';
import { findWorkersDirectories } from '../host/state-directories';
import type { Snapshot } from '../shared/model';
import { statusJson } from './json';
import { helpText, type Request, readRequest, UsageError } from './options';
import { readOnce } from './reading';
import { settingsInForce } from './settings';
import { statusTable } from './table';

const EXIT_WELL = 0;
const EXIT_ERROR = 1;
const EXIT_NEEDS_PERSON = 2;

const warn = (message: string): void => void process.stderr.write(`idlewatch: ${message}\n`);

async function main(): Promise<number> {
  const request = readRequest(process.argv.slice(2), process.cwd());
  if (request.command === 'help') process.stdout.write(helpText());
  else if (request.command === 'version') process.stdout.write(`${version}\n`);
  else return await status(request);
  return EXIT_WELL;
}

async function status(request: Extract<Request, { command: 'status' }>): Promise<number> {
  const settings = settingsInForce(process.env, request.settings, { warn });
  const given = request.workerDirs;
  const roots = given.length ? given : [...settings.workerDirs, ...findWorkersDirectories(process.env)];
  const { snapshot, runs } = await readOnce(settings, [...new Set(roots)], { warn });
  const unreadable = snapshot.roots.filter((root) => root.unreadable !== null);
  if (given.length && unreadable.length) {
    throw new Error(unreadable.map(({ path, unreadable }) => `--worker-dir ${path}: ${unreadable}`).join('; '));
  }
  if (request.json) process.stdout.write(`${JSON.stringify(statusJson(snapshot, runs), null, 2)}\n`);
  else {
    for (const root of unreadable) warn(`${root.path}: ${root.unreadable}`);
    process.stdout.write(statusTable(snapshot, look()));
  }
  return needsPerson(snapshot) ? EXIT_NEEDS_PERSON : EXIT_WELL;
}

function needsPerson(snapshot: Snapshot): boolean {
  return snapshot.workers.some((row) => row.needsPerson);
}

function look(): { color: boolean; columns: number | null } {
  const { isTTY, columns } = process.stdout;
  const color = isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return { color, columns: isTTY && columns ? columns : null };
}

// Whoever reads the output may have seen enough (`idlewatch status | head`): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  warn(`the answer cannot be written: ${error.message}`);
  process.exit(EXIT_ERROR);
});

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    warn(error instanceof UsageError ? `${error.message} (see idlewatch --help)` : error.message);
    process.exitCode = EXIT_ERROR;
  },
);
