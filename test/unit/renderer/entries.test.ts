import { describe, expect, it } from 'vitest';
import { belowTrouble, type Entry, type Layout, layOut } from '../../../src/renderer/logic/entries';
import { CALM_SORT, compareRows } from '../../../src/renderer/logic/rows';
import type { SourceKind, WorkerRow } from '../../../src/shared/model';
import { makeRow } from '../../fixtures/renderer/pictures';

const layout = (change: Partial<Layout> = {}): Layout => ({
  grouped: false,
  nested: true,
  urgentFirst: true,
  closedGroups: new Set(),
  openParents: new Set(),
  ...change,
});

const inOrder = (rows: WorkerRow[]) => rows.toSorted((a, b) => compareRows(a, b, CALM_SORT));
const session = (name: string, change: Partial<WorkerRow> = {}) =>
  makeRow({ id: name, source: 'opencode', name, ...change });

/** `▾ opencode 3`, `- name`, `-- sub-agent`. */
function lines(entries: readonly Entry[]): string[] {
  return entries.map((entry) =>
    entry.type === 'group'
      ? `${entry.open ? '▾' : '▸'} ${entry.source} ${entry.count}`
      : `${'-'.repeat(entry.depth + 1)} ${entry.row.name}`,
  );
}

describe('groups', () => {
  const rows = inOrder([
    makeRow({ name: 'directory', rssBytes: 10, cpuPercent: null }),
    makeRow({ name: 'other', rssBytes: 5, cpuPercent: null, state: 'ready' }),
    session('session', { usage: { tokens: 100, cost: null } }),
    makeRow({ id: 'task', name: 'task', source: 'task-list' }),
  ]);
  const grouped = layout({ grouped: true });

  it('stand in the order of the vocabulary, each with its workers below it', () => {
    expect(lines(layOut(rows, grouped))).toEqual([
      '▾ worker-directory 2',
      '- directory',
      '- other',
      '▾ opencode 1',
      '- session',
      '▾ task-list 1',
      '- task',
    ]);
  });

  it('count apart those that failed, and those of whom it is not known how they are', () => {
    const runs = [
      makeRow({ name: 'a', source: 'supervised-run', state: 'stopped' }),
      makeRow({ name: 'b', source: 'supervised-run', state: 'stopped', failure: 'failed' }),
      makeRow({ name: 'c', source: 'supervised-run', state: 'stopped', failure: 'timed_out' }),
      makeRow({ name: 'd', source: 'supervised-run', state: 'busy', health: 'unknown' }),
    ];
    expect(layOut(runs, grouped)[0]).toMatchObject({ count: 4, shown: { stopped: 1, failed: 2, unknown: 1 } });
  });

  it('that need a person come first, then those that wait for one; a snoozed worker moves nothing', () => {
    const changed = (name: string, change: Partial<WorkerRow>) =>
      inOrder(rows.map((row) => (row.name === name ? { ...row, ...change } : row)));
    const first = (given: WorkerRow[]) => lines(layOut(given, grouped)).filter((line) => line.startsWith('▾'))[0];
    expect(first(changed('task', { state: 'waiting' }))).toBe('▾ task-list 1');
    expect(first(changed('task', { state: 'waiting', snoozed: true }))).toBe('▾ worker-directory 2');
    const both = changed('session', { state: 'waiting' }).map((row) =>
      row.name === 'task' ? { ...row, state: 'stalled' as const, needsPerson: true } : row,
    );
    expect(first(both)).toBe('▾ task-list 1');
  });

  it('that are closed keep their counts and sums', () => {
    const closedGroups = new Set<SourceKind>(['worker-directory', 'opencode']);
    const entries = layOut(rows, layout({ grouped: true, closedGroups }));
    expect(lines(entries)).toEqual(['▸ worker-directory 2', '▸ opencode 1', '▾ task-list 1', '- task']);
    expect(entries[0]).toMatchObject({ shown: { busy: 1, ready: 1 }, rssBytes: 15, cpuPercent: null, tokens: null });
    expect(entries[1]).toMatchObject({ tokens: 100, cost: null });
  });

  it('count what sessions within their workers use once, and stand in the group of those', () => {
    const bench = makeRow({ name: 'bench', source: 'workbench', rssBytes: 100, cpuPercent: 9 });
    const within = { parentId: bench.id, rssBytes: 60, cpuPercent: 8 };
    const all = [bench, session('one', within), session('elsewhere', { rssBytes: 7 })];
    const entries = layOut(all, grouped);
    expect(lines(entries)).toEqual(['▾ workbench 2', '- bench', '▾ opencode 1', '- elsewhere']);
    expect(entries[0]).toMatchObject({ rssBytes: 100, cpuPercent: 9 });
    const unknown = layOut([{ ...bench, rssBytes: null, cpuPercent: null }, ...all.slice(1)], grouped);
    expect(unknown[0]).toMatchObject({ rssBytes: 60, cpuPercent: 8 });
  });

  it('are none where none are asked for', () => {
    expect(lines(layOut(rows, layout()))).toEqual(['- directory', '- session', '- task', '- other']);
  });
});

describe('sub-agents', () => {
  const family = (change: Partial<WorkerRow> = {}) =>
    inOrder([
      session('alone', { state: 'busy' }),
      session('parent', { state: 'ready' }),
      session('child', { parentId: 'parent', ...change }),
      session('grandchild', { parentId: 'child', state: 'ready' }),
    ]);

  it('are folded away below their parent, which says how many there are', () => {
    const entries = layOut(family(), layout());
    expect(lines(entries)).toEqual(['- alone', '- parent']);
    expect(entries[1]).toMatchObject({ below: { count: 2, open: false, needPerson: 0, waiting: 0 } });
  });

  it('are shown, each below its own parent, where these are open', () => {
    const openParents = new Set(['parent', 'child']);
    expect(lines(layOut(family(), layout({ openParents })))).toEqual([
      '- alone',
      '- parent',
      '-- child',
      '--- grandchild',
    ]);
  });

  it('that stall or wait mark their parent and lift it to where they would stand', () => {
    const stalled = layOut(family({ state: 'stalled', needsPerson: true }), layout());
    expect(lines(stalled)).toEqual(['- parent', '- alone']);
    expect(stalled[0]).toMatchObject({ below: { needPerson: 1, waiting: 0 } });
    const waiting = layOut(family({ state: 'waiting' }), layout());
    expect(lines(waiting)).toEqual(['- parent', '- alone']);
    const snoozed = layOut(family({ state: 'waiting', snoozed: true }), layout());
    expect(lines(snoozed)).toEqual(['- alone', '- parent']);
    expect(lines(layOut(family({ state: 'waiting' }), layout({ urgentFirst: false })))).toEqual([
      '- alone',
      '- parent',
    ]);
  });

  it('count in the group of their parent, folded or not', () => {
    expect(lines(layOut(family(), layout({ grouped: true })))[0]).toBe('▾ opencode 4');
  });

  it('stand alone where their parent is not there, and where lines are not nested', () => {
    const orphans = family().filter(({ name }) => name !== 'parent');
    expect(lines(layOut(orphans, layout()))).toEqual(['- alone', '- child']);
    expect(layOut(family(), layout({ nested: false }))).toHaveLength(4);
  });

  it('are never lost where programs say that two work for each other, or in a chain without end', () => {
    const ring = [session('a', { parentId: 'b' }), session('b', { parentId: 'a' }), session('c', { parentId: 'a' })];
    const all = layOut(ring, layout({ openParents: new Set(['a', 'b', 'c']) }));
    expect(lines(all)).toEqual(['- a', '- b', '- c']);
    const chain = Array.from({ length: 5_000 }, (_, i) => session(`s${i}`, { parentId: i ? `s${i - 1}` : null }));
    const openParents = new Set(chain.map(({ id }) => id));
    expect(layOut(chain, layout({ openParents }))).toHaveLength(5_000);
  });
});

describe('what a parent says of its sub-agents', () => {
  const below = (needPerson: number, waiting: number) => belowTrouble({ count: 9, open: false, needPerson, waiting });

  it.each([
    [0, 0, null],
    [1, 0, { words: '1 sub-agent stalled', state: 'stalled' }],
    [0, 2, { words: '2 sub-agents wait for you', state: 'waiting' }],
    [2, 1, { words: '2 sub-agents stalled, 1 waits for you', state: 'stalled' }],
  ])('%i stalled, %i waiting', (needPerson, waiting, expected) => {
    expect(below(needPerson, waiting)).toEqual(expected);
  });
});
