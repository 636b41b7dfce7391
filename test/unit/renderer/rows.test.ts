import { describe, expect, it } from 'vitest';
import {
  CALM_SORT,
  chipCounts,
  compareRows,
  type Filters,
  filterRows,
  kindsOf,
  nextSort,
  type SortColumn,
  type SortDirection,
} from '../../../src/renderer/logic/rows';
import { makeRow } from '../../fixtures/renderer/pictures';

const sorted = (rows: ReturnType<typeof makeRow>[], column: SortColumn, direction: SortDirection) =>
  rows.toSorted((a, b) => compareRows(a, b, { column, direction })).map((row) => row.name);

describe('the calm order', () => {
  it('puts what needs the person first, then waiting, snoozed, busy, starting, ready, stopped', () => {
    const rows = [
      makeRow({ name: 'stopped', state: 'stopped' }),
      makeRow({ name: 'ready', state: 'ready' }),
      makeRow({ name: 'starting', state: 'starting' }),
      makeRow({ name: 'busy', state: 'busy' }),
      makeRow({ name: 'snoozed', state: 'stalled', snoozed: true, needsPerson: false }),
      makeRow({ name: 'put off', state: 'waiting', snoozed: true }),
      makeRow({ name: 'waiting', state: 'waiting' }),
      makeRow({ name: 'dead', state: 'dead' }),
      makeRow({ name: 'stalled', state: 'stalled' }),
    ];
    expect(rows.toSorted((a, b) => compareRows(a, b, CALM_SORT)).map((row) => row.name)).toEqual([
      'stalled',
      'dead',
      'waiting',
      'put off',
      'snoozed',
      'busy',
      'starting',
      'ready',
      'stopped',
    ]);
  });

  it('orders equal states by name, numbers as numbers, and equal names by id', () => {
    const rows = [
      makeRow({ name: 'worker-10' }),
      makeRow({ name: 'worker-2', id: 'b' }),
      makeRow({ name: 'worker-2', id: 'a' }),
    ];
    const order = rows.toSorted((a, b) => compareRows(a, b, CALM_SORT));
    expect(order.map((row) => `${row.name} ${row.id.slice(0, 1)}`)).toEqual([
      'worker-2 a',
      'worker-2 b',
      'worker-10 w',
    ]);
  });
});

describe('sorting by a column', () => {
  const rows = [
    makeRow({ name: 'young', heartbeatAgeMs: 1_000, cpuPercent: 5 }),
    makeRow({ name: 'old', heartbeatAgeMs: 90_000, cpuPercent: null }),
    makeRow({ name: 'life only', heartbeatAgeMs: null, lifeAgeMs: 50_000, cpuPercent: 70 }),
    makeRow({ name: 'nothing', heartbeatAgeMs: null, lifeAgeMs: null, cpuPercent: 0 }),
  ];

  it('sorts heartbeats by age, with the last sign of life where there is none, unknown last', () => {
    expect(sorted(rows, 'heartbeat', 'descending')).toEqual(['old', 'life only', 'young', 'nothing']);
    expect(sorted(rows, 'heartbeat', 'ascending')).toEqual(['young', 'life only', 'old', 'nothing']);
  });

  it('compares ages that were taken at different times', () => {
    const early = makeRow({ name: 'early', heartbeatAgeMs: 10_000, judgedAt: 900_000 });
    const late = makeRow({ name: 'late', heartbeatAgeMs: 20_000, judgedAt: 1_000_000 });
    expect(sorted([late, early], 'heartbeat', 'descending')).toEqual(['early', 'late']);
  });

  it('sorts sessions, which have no heartbeat, by their last activity', () => {
    const active = (name: string, activeAt: number) =>
      makeRow({
        name,
        heartbeatAgeMs: null,
        lifeAgeMs: null,
        idle: { status: 'active', activeAt, thresholdMs: 3_600_000 },
      });
    const mixed = [
      active('fresh', 999_000),
      active('quiet', 940_000),
      makeRow({ name: 'beats', heartbeatAgeMs: 5_000 }),
    ];
    expect(sorted(mixed, 'heartbeat', 'descending')).toEqual(['quiet', 'beats', 'fresh']);
  });

  it('sorts what was used by cost, then by tokens where the cost is not known', () => {
    const used = (name: string, tokens: number | null, cost: number | null) =>
      makeRow({ name, usage: { tokens, cost } });
    const all = [used('dear', 5, 9), used('many', 9_000_000, null), used('cheap', 1, 0.01), makeRow({ name: 'none' })];
    expect(sorted(all, 'usage', 'descending')).toEqual(['dear', 'cheap', 'many', 'none']);
  });

  it('keeps unknown figures last in either direction', () => {
    expect(sorted(rows, 'cpu', 'descending').at(-1)).toBe('old');
    expect(sorted(rows, 'cpu', 'ascending').at(-1)).toBe('old');
  });

  it('begins with the natural direction and turns round on the second click', () => {
    expect(nextSort(CALM_SORT, 'memory')).toEqual({ column: 'memory', direction: 'descending' });
    expect(nextSort(CALM_SORT, 'name')).toEqual({ column: 'name', direction: 'ascending' });
    expect(nextSort({ column: 'name', direction: 'ascending' }, 'name').direction).toBe('descending');
  });
});

describe('filters', () => {
  const rows = [
    makeRow({ name: 'Indexer', state: 'dead', reason: 'process 4711 is gone' }),
    makeRow({ name: 'planner', state: 'starting', role: 'lead' }),
    makeRow({ name: 'docs', state: 'ready', source: 'workbench' }),
  ];
  const by = (change: Partial<Filters>): Filters => ({ chip: 'all', kind: 'grouped', text: '', ...change });

  it('a chip lets its states through: dead counts as stalled, starting as busy', () => {
    expect(filterRows(rows, by({ chip: 'stalled' })).map((row) => row.name)).toEqual(['Indexer']);
    expect(filterRows(rows, by({ chip: 'busy' })).map((row) => row.name)).toEqual(['planner']);
  });

  it('one that failed is among the stopped, and found by that word', () => {
    const failed = makeRow({ name: 'build', state: 'stopped', failure: 'timed_out', reason: 'Ended after 1 h' });
    expect(filterRows([...rows, failed], by({ chip: 'stopped' }))).toEqual([failed]);
    expect(filterRows([...rows, failed], by({ text: 'timed out' }))).toEqual([failed]);
  });

  it('every word of the text must be in the row, in any case and any place', () => {
    expect(filterRows(rows, by({ text: ' INDEXER 4711 ' }))).toHaveLength(1);
    expect(filterRows(rows, by({ text: 'indexer 4712' }))).toHaveLength(0);
    expect(filterRows(rows, by({ text: 'lead' })).map((row) => row.name)).toEqual(['planner']);
  });

  it('a kind lets its workers through, and its word is text of the row', () => {
    expect(filterRows(rows, by({ kind: 'workbench' })).map((row) => row.name)).toEqual(['docs']);
    expect(filterRows(rows, by({ kind: 'workbench', chip: 'busy' }))).toEqual([]);
    expect(filterRows(rows, by({ text: 'workbench' })).map((row) => row.name)).toEqual(['docs']);
    expect(kindsOf(rows)).toEqual(['worker-directory', 'workbench']);
  });

  it('without a filter the rows are the very same list', () => {
    expect(filterRows(rows, by({ text: '  ' }))).toBe(rows);
  });

  it('counts every worker in one chip and in All', () => {
    const counts = { stalled: 2, dead: 1, waiting: 1, busy: 4, starting: 1, ready: 3, stopped: 1 };
    expect(chipCounts(counts)).toEqual({ all: 13, stalled: 3, waiting: 1, busy: 5, ready: 3, stopped: 1 });
  });
});
