import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findWorkbenchDirectories, routinesDirectory } from '../../../src/host/workbench-directories';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'idlewatch-home-'));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

it('finds the workbenches of this user where there are any', () => {
  const path = join(home, '.moadim', 'workbenches');
  expect(findWorkbenchDirectories({ HOME: home })).toEqual([]);
  mkdirSync(path, { recursive: true });
  expect(findWorkbenchDirectories({ HOME: home })).toEqual([path]);
});

it('takes no file for a directory', () => {
  mkdirSync(join(home, '.moadim'));
  writeFileSync(join(home, '.moadim', 'workbenches'), '');
  expect(findWorkbenchDirectories({ HOME: home })).toEqual([]);
});

it('knows where routines are kept', () => {
  expect(routinesDirectory({ HOME: '/h' })).toBe('/h/.config/moadim/routines');
  expect(routinesDirectory({ HOME: '/h', XDG_CONFIG_HOME: '/c' })).toBe('/c/moadim/routines');
  expect(routinesDirectory({ HOME: '/h', XDG_CONFIG_HOME: 'relative' })).toBe('/h/.config/moadim/routines');
});
