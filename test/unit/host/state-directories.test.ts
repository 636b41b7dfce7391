import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findWorkersDirectories } from '../../../src/host/state-directories';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'idlewatch-state-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const make = (...path: string[]) => mkdirSync(join(home, 'omk', ...path), { recursive: true });
const find = () => findWorkersDirectories({ XDG_STATE_HOME: home }).map((path) => path.slice(home.length + 1));

test('every workers directory below omk is found, and none inside another', () => {
  make('workers', 'a', 'workers');
  make('team', 'run-2', 'workers');
  make('team', 'run-1', 'workers');
  make('team', 'run-3', 'other');
  mkdirSync(join(home, 'elsewhere', 'workers'), { recursive: true });
  expect(find()).toEqual(['omk/team/run-1/workers', 'omk/team/run-2/workers', 'omk/workers']);
});

test('files of that name, links and loops are passed over', () => {
  make('run');
  writeFileSync(join(home, 'omk', 'run', 'workers'), '');
  symlinkSync(join(home, 'omk'), join(home, 'omk', 'run', 'loop'));
  symlinkSync('/', join(home, 'omk', 'run2'));
  expect(find()).toEqual([]);
});

test('nothing is found where there is nothing, or the variable is relative', () => {
  expect(find()).toEqual([]);
  make('workers');
  expect(findWorkersDirectories({ XDG_STATE_HOME: 'relative' })).not.toContain(join('relative', 'omk', 'workers'));
});

test('looking ends in a deep tree', () => {
  make(...Array.from({ length: 40 }, () => 'd'), 'workers');
  expect(find()).toEqual([]);
});
