import { describe, expect, test } from 'vitest';
import { trayModel as model, type TrayExtras } from '../../../src/main/tray-model';
import type { Snapshot } from '../../../src/shared/model';
import { snapshotOf, stalledRow, workerRow } from '../../fixtures/snapshot';

const EXTRAS: TrayExtras = { keepsAwake: false, mutedSources: [] };
const trayModel = (snapshot: Snapshot) => model(snapshot, EXTRAS);

describe('the tooltip', () => {
  test('names the first that needs the person and for how long it is silent', () => {
    const rows = [
      ...Array.from({ length: 13 }, (_, i) => workerRow({ name: `w${i}` })),
      stalledRow({ name: 'worker-3' }),
    ];
    expect(trayModel(snapshotOf(rows)).tooltip).toBe('1 of 14 stalled: worker-3 silent for 2 min 10 s');
  });

  test('counts the silence on since the worker was judged', () => {
    const snapshot = snapshotOf([stalledRow()]);
    snapshot.takenAt += 20_000;
    expect(trayModel(snapshot).tooltip).toBe('1 of 1 stalled: worker-1 silent for 2 min 30 s');
  });

  test('gives the reason of one that is not silent', () => {
    const row = stalledRow({ lifeAgeMs: 2_000, reason: 'Invalid heartbeat JSON' });
    expect(trayModel(snapshotOf([row])).tooltip).toBe('1 of 1 stalled: worker-1 (Invalid heartbeat JSON)');
  });

  test('gives the reason of a workbench, which is not judged by silence', () => {
    const row = stalledRow({ source: 'workbench', reason: 'Running for 1 h 12 min (allowed 1 h)' });
    expect(trayModel(snapshotOf([row])).tooltip).toBe(
      '1 of 1 stalled: worker-1 (Running for 1 h 12 min (allowed 1 h))',
    );
  });

  test('counts the others, stalled or dead, the longest first', () => {
    const rows = [stalledRow({ name: 'late', since: 2 }), stalledRow({ name: 'early', since: 1, state: 'dead' })];
    expect(trayModel(snapshotOf(rows)).tooltip).toBe(
      '2 of 2 stalled or dead: early silent for 2 min 10 s, and 1 other',
    );
  });

  test.each([
    ['idlewatch: no workers yet', snapshotOf([])],
    ['1 of 2 busy', snapshotOf([workerRow({ state: 'busy' }), workerRow()])],
    ['1 of 2 waits for you: worker-1', snapshotOf([workerRow({ state: 'waiting' }), workerRow({ state: 'busy' })])],
    ['0 of 1 busy, not idle yet', snapshotOf([workerRow()], { overall: 'busy' })],
    ['All idle: 1 worker', snapshotOf([workerRow()])],
    ['idlewatch: watching is paused', snapshotOf([stalledRow()], { paused: true })],
  ])('says: %s', (text, snapshot) => {
    expect(trayModel(snapshot).tooltip).toBe(text);
  });
});

describe('the menu', () => {
  test('names those that need the person, and whether they can be ended', () => {
    const rows = [workerRow(), stalledRow({ name: 'b' }), stalledRow({ name: 'c', state: 'dead', canEnd: false })];
    const { menu } = trayModel(snapshotOf(rows));
    expect(menu.workers).toEqual([
      { id: 'worker-directory:/run/workers/b', label: 'b – stalled', canEnd: true },
      { id: 'worker-directory:/run/workers/c', label: 'c – dead', canEnd: false },
    ]);
    expect(menu).toMatchObject({ line: 'A sentence.', more: 0, paused: false });
  });

  test('lists who waits for the person before the stalled, and leaves room for these', () => {
    const rows = [
      stalledRow({ name: 'stuck', since: 0 }),
      workerRow({ name: 'asks', state: 'waiting', since: 5 }),
      workerRow({ name: 'asked-first', state: 'waiting', since: 4 }),
      workerRow({ name: 'put-off', state: 'waiting', snoozed: true }),
    ];
    const { menu, tooltip } = trayModel(snapshotOf(rows));
    expect(menu.workers.map(({ label }) => label)).toEqual([
      'asked-first – waits for you',
      'asks – waits for you',
      'stuck – stalled',
    ]);
    expect(tooltip).toMatch(/^1 of 4 stalled: stuck/);

    const crowd = Array.from({ length: 9 }, (_, i) => workerRow({ name: `w${i}`, state: 'waiting', since: i }));
    const many = trayModel(snapshotOf([...crowd, ...rows])).menu;
    expect(many.workers.map(({ label }) => label).at(-1)).toBe('stuck – stalled');
    expect(many.more).toBe(9 + 2 + 1 - many.workers.length);
  });

  test('offers first what the policy suggests to end, and only what can be ended', () => {
    const rows = [
      stalledRow({ name: 'b', since: 2, suggestion: 'Stalled for 12 min' }),
      stalledRow({ name: 'a', since: 1, suggestion: 'Stalled for 13 min' }),
      stalledRow({ name: 'c', since: 0, suggestion: 'Stalled for 14 min', canEnd: false }),
      stalledRow({ name: 'd' }),
    ];
    const { menu } = trayModel(snapshotOf(rows));
    expect(menu.suggestions).toEqual([
      { id: 'worker-directory:/run/workers/a', label: 'Kill a… (suggested)' },
      { id: 'worker-directory:/run/workers/b', label: 'Kill b… (suggested)' },
    ]);
    const many = Array.from({ length: 9 }, (_, i) => stalledRow({ name: `${i}`, suggestion: 'Stalled' }));
    expect(trayModel(snapshotOf(many)).menu.suggestions).toHaveLength(5);
  });

  test('says while automatic ending is stopped', () => {
    const policy = { armed: true, heldBack: null, breaker: { openedAt: 1, reason: 'many at once' } };
    expect(trayModel(snapshotOf([], { policy })).menu.endingStopped).toBe(true);
    expect(trayModel(snapshotOf([])).menu.endingStopped).toBe(false);
  });

  test('stays the same while only ages move', () => {
    const before = snapshotOf([stalledRow()]);
    const after = snapshotOf([stalledRow({ lifeAgeMs: 140_000, reason: 'No sign of life for 2 min 20 s' })]);
    expect(trayModel(after).menu).toEqual(trayModel(before).menu);
    expect(trayModel(after).tooltip).not.toBe(trayModel(before).tooltip);
  });

  test('is no longer than a screen, and its names are harmless', () => {
    const rows = Array.from({ length: 30 }, (_, i) => stalledRow({ name: `${i}\n${'x'.repeat(200)}` }));
    const { workers, more } = trayModel(snapshotOf(rows)).menu;
    expect([workers.length, more]).toEqual([12, 18]);
    for (const { label } of workers) expect(label).toMatch(/^\d+␊x{37,38}… – stalled$/);
  });
});

test('the icon is the overall state, or paused', () => {
  expect(trayModel(snapshotOf([workerRow()])).icon).toBe('idle');
  expect(trayModel(snapshotOf([workerRow({ state: 'busy' })])).icon).toBe('busy');
  expect(trayModel(snapshotOf([stalledRow()])).icon).toBe('stalled');
  expect(trayModel(snapshotOf([stalledRow()], { paused: true })).icon).toBe('paused');
});

describe('the icon has a badge', () => {
  const asks = workerRow({ name: 'asks', state: 'waiting' });

  test('while somebody waits for the person, whether others work or not', () => {
    expect(trayModel(snapshotOf([asks, workerRow()])).icon).toBe('idle-waiting');
    expect(trayModel(snapshotOf([asks, workerRow({ state: 'busy' })])).icon).toBe('busy-waiting');
  });

  test('not where somebody is stalled or watching is paused: that comes first', () => {
    expect(trayModel(snapshotOf([asks, stalledRow()])).icon).toBe('stalled');
    expect(trayModel(snapshotOf([asks], { paused: true })).icon).toBe('paused');
  });

  test('not for one that is snoozed, or of a kind that is muted', () => {
    const snoozed = workerRow({ name: 'put-off', state: 'waiting', snoozed: true });
    const muted = workerRow({ name: 'quiet', state: 'waiting', source: 'codex' });
    const extras: TrayExtras = { ...EXTRAS, mutedSources: ['codex'] };
    expect(model(snapshotOf([snoozed, muted]), extras).icon).toBe('idle');
    expect(model(snapshotOf([snoozed, muted, asks]), extras).icon).toBe('idle-waiting');
    expect(trayModel(snapshotOf([muted])).icon).toBe('idle-waiting');
  });
});

test('that nothing can be kept stands in menu and tooltip, and how much waits changes neither', () => {
  const failing = (waiting: number) =>
    snapshotOf([workerRow()], { keeping: { failing: `the disk is full; ${waiting} events`, waiting } });
  expect(trayModel(failing(3)).tooltip).toBe('All idle: 1 worker · what happens cannot be kept');
  expect(trayModel(failing(3)).menu.keepingFails).toBe(true);
  expect(trayModel(failing(9))).toEqual(trayModel(failing(3)));
  expect(trayModel(snapshotOf([workerRow()])).menu.keepingFails).toBe(false);
});

test('that the machine is kept awake stands in menu and tooltip', () => {
  const busy = snapshotOf([workerRow({ state: 'busy' })]);
  const awake = model(busy, { ...EXTRAS, keepsAwake: true });
  expect(awake.tooltip).toBe('1 of 1 busy · keeps the machine awake');
  expect([awake.menu.keepsAwake, trayModel(busy).menu.keepsAwake]).toEqual([true, false]);
});
