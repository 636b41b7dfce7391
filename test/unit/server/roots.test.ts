import { beforeEach, describe, expect, test } from 'vitest';
import { createRoots } from '../../../src/server/roots';
import { defaultSettings } from '../../../src/shared/settings';
import { SteppedClock } from '../../fakes/stepped-clock';

let clock: SteppedClock;
let changes: (string[] | undefined)[];
let found: string[];
let settings: ReturnType<typeof defaultSettings>;

beforeEach(() => {
  clock = new SteppedClock();
  changes = [];
  found = ['/state/omk/a/workers'];
  settings = { ...defaultSettings(), workerDirs: ['/mine'] };
});

function make(given: string[] = []) {
  return createRoots({
    given: { workerDirs: given, workbenchDirs: [] },
    settings: () => settings,
    usual: () => ({ 'worker-directory': [...settings.workerDirs, ...found], 'supervised-run': ['/state/runs'] }),
    own: '/state/idlewatch/workers',
    clock,
    onChange: (roots) => changes.push(roots['worker-directory']),
  });
}

describe('where to look', () => {
  test('is what the settings name and what is found', () => {
    expect(make().list()['worker-directory']).toEqual(['/mine', '/state/omk/a/workers']);
  });

  test('is only what options name, where they do', () => {
    expect(make(['/given']).list()['worker-directory']).toEqual(['/given']);
  });

  test('is our own worker directories too, where they exist', () => {
    found = [...found, '/state/idlewatch/workers'];
    expect(make(['/given']).list()['worker-directory']).toEqual(['/given', '/state/idlewatch/workers']);
  });

  test('grows with what is found later', () => {
    const roots = make();
    found = [...found, '/state/omk/b/workers'];
    clock.step(settings.sweepIntervalMs);
    expect(changes).toEqual([['/mine', '/state/omk/a/workers', '/state/omk/b/workers']]);
    expect(roots.list()['worker-directory']).toEqual(changes[0]);
    clock.step(settings.sweepIntervalMs);
    expect(changes).toHaveLength(1);
  });

  test('follows the settings at once, at their new pace, with one timer', () => {
    const roots = make();
    settings = { ...settings, workerDirs: [], sweepIntervalMs: 1_000 };
    roots.refresh();
    expect(changes).toEqual([['/state/omk/a/workers']]);
    expect(clock.timerCount).toBe(1);
    found = [];
    clock.step(1_000);
    expect(changes).toHaveLength(2);
  });

  test('takes more for this run, beside options too, and gives them up again', () => {
    const roots = make(['/given']);
    const remove = roots.add('/demo', '/given');
    expect(roots.list()['worker-directory']).toEqual(['/given', '/demo']);
    remove();
    expect(roots.list()['worker-directory']).toEqual(['/given']);
  });

  test('is not looked for after the end', () => {
    const roots = make();
    roots.close();
    expect(clock.timerCount).toBe(0);
  });
});
