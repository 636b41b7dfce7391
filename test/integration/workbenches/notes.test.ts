import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkbenchNotes } from '../../../src/host/workbench-notes';
import { makeWorkbench } from '../../fixtures/workbench';

const LINE = '[idlewatch] ended, asked by window: ran for 61 min';
const THEN = 1_700_000_000;
const notes = createWorkbenchNotes();
let base: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-notes-')));
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

const make = (log: string | undefined) =>
  makeWorkbench(base, 'fix-1700000000', log === undefined ? {} : { log, logAt: THEN * 1000 });
const logOf = (path: string) => readFileSync(join(path, 'agent.log'), 'utf8');
const exitOf = (path: string) => readFileSync(join(path, 'exit_code'), 'utf8');

describe('a note of an end', () => {
  it('is one line in the log, whose time stays, and an exit code', async () => {
    const path = make('working\n');
    await notes.ended(path, LINE);
    expect(logOf(path)).toBe(`working\n${LINE}\n`);
    expect(exitOf(path)).toBe('killed');
    expect(statSync(join(path, 'agent.log')).mtimeMs).toBe(THEN * 1000);
  });

  it('begins on a line of its own', async () => {
    const path = make('half a li');
    await notes.ended(path, LINE);
    expect(logOf(path)).toBe(`half a li\n${LINE}\n`);
  });

  it('is never more than one line', async () => {
    const path = make('');
    await notes.ended(path, `a\nb\u001b[2J${'x'.repeat(10_000)}`);
    expect(logOf(path).split('\n')).toHaveLength(2);
    expect(logOf(path).length).toBeLessThan(600);
    expect(logOf(path)).not.toContain('\u001b');
  });

  it('begins a log where there is none, as old as the directory was', async () => {
    const path = make(undefined);
    utimesSync(path, THEN, THEN);
    await notes.ended(path, LINE);
    expect(logOf(path)).toBe(`${LINE}\n`);
    expect(statSync(join(path, 'agent.log')).mtimeMs).toBe(THEN * 1000);
    expect(statSync(join(path, 'agent.log')).mode & 0o777).toBe(0o600);
  });

  it('takes the place of an exit code', async () => {
    const path = make('');
    writeFileSync(join(path, 'exit_code'), '1234567890');
    await notes.ended(path, LINE);
    expect(exitOf(path)).toBe('killed');
  });
});

describe('nothing is written', () => {
  const elsewhere = (content = 'precious') => {
    const file = join(base, 'elsewhere');
    writeFileSync(file, content);
    return file;
  };

  it.each(['agent.log', 'exit_code'])('through a link in place of %s', async (name) => {
    const path = make(undefined);
    const file = elsewhere();
    symlinkSync(file, join(path, name));
    await expect(notes.ended(path, LINE)).rejects.toThrow(`${name} is a link: nothing was written to it`);
    expect(readFileSync(file, 'utf8')).toBe('precious');
    const other = name === 'agent.log' ? 'exit_code' : 'agent.log';
    expect(existsSync(join(path, other))).toBe(true);
  });

  it('through a link to nothing', async () => {
    const path = make(undefined);
    symlinkSync(join(base, 'made-by-us'), join(path, 'agent.log'));
    await expect(notes.ended(path, LINE)).rejects.toThrow(/is a link/);
    expect(existsSync(join(base, 'made-by-us'))).toBe(false);
  });

  it.each(['agent.log', 'exit_code'])('to a file that has another name beside %s', async (name) => {
    const path = make(undefined);
    const file = elsewhere();
    linkSync(file, join(path, name));
    await expect(notes.ended(path, LINE)).rejects.toThrow(`${name} has another name elsewhere`);
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  it('to a FIFO, and it does not wait for one', async () => {
    const path = make(undefined);
    execFileSync('mkfifo', [join(path, 'agent.log')]);
    await expect(notes.ended(path, LINE)).rejects.toThrow(/agent\.log is not a regular file/);
    expect(exitOf(path)).toBe('killed');
  });

  it('to a directory', async () => {
    const path = make(undefined);
    mkdirSync(join(path, 'exit_code'));
    await expect(notes.ended(path, LINE)).rejects.toThrow(/exit_code cannot be written/);
    expect(lstatSync(join(path, 'exit_code')).isDirectory()).toBe(true);
  });

  it('in another directory that took its place behind a link', async () => {
    const path = make('a\n');
    const other = join(base, 'other');
    renameSync(path, other);
    symlinkSync(other, path);
    await expect(notes.ended(path, LINE)).rejects.toThrow(/is a link: nothing was written there/);
    expect(logOf(other)).toBe('a\n');
  });

  it('where the directory is gone', async () => {
    await expect(notes.ended(join(base, 'gone-1700000000'), LINE)).rejects.toThrow(/ENOENT/);
    expect(existsSync(join(base, 'gone-1700000000'))).toBe(false);
  });
});
