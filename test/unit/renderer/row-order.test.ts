import { describe, expect, it } from 'vitest';
import { type Order, orderRows, RESORT_AFTER_MS } from '../../../src/renderer/logic/row-order';
import { CALM_SORT, type Sort } from '../../../src/renderer/logic/rows';
import { makeRow } from '../../fixtures/renderer/pictures';

const names = (order: Order) => order.rows.map((row) => row.name);
const BY_HEARTBEAT: Sort = { column: 'heartbeat', direction: 'descending' };

describe('rows in order', () => {
  const rows = ['c', 'a', 'b'].map((name) => makeRow({ name }));

  it('stay in their places when workers beat', () => {
    const first = orderRows(rows, CALM_SORT, '', 0, null);
    const beaten = rows.map((row) => ({ ...row, heartbeatAgeMs: 0, judgedAt: 1_002_000 }));
    expect(names(orderRows(beaten, CALM_SORT, '', 1, first))).toEqual(['a', 'b', 'c']);
  });

  it('show the new values of rows that stay', () => {
    const first = orderRows(rows, CALM_SORT, '', 0, null);
    const next = rows.map((row) => (row.name === 'b' ? { ...row, cpuPercent: 99 } : row));
    expect(orderRows(next, CALM_SORT, '', 1, first).rows.map((row) => row.cpuPercent)).toEqual([1, 99, 1]);
  });

  it('move at once when the state changes, and when workers come and go', () => {
    const first = orderRows(rows, CALM_SORT, '', 0, null);
    const stalled = rows.map((row) => (row.name === 'c' ? makeRow({ name: 'c', state: 'stalled' }) : row));
    const second = orderRows(stalled, CALM_SORT, '', 1, first);
    expect(names(second)).toEqual(['c', 'a', 'b']);
    const third = orderRows(
      [...stalled.filter((row) => row.name !== 'b'), makeRow({ name: 'aa' })],
      CALM_SORT,
      '',
      2,
      second,
    );
    expect(names(third)).toEqual(['c', 'a', 'aa']);
  });

  it('sorted by a restless column keep their places for a while', () => {
    const aged = [makeRow({ name: 'x', heartbeatAgeMs: 9_000 }), makeRow({ name: 'y', heartbeatAgeMs: 5_000 })];
    const first = orderRows(aged, BY_HEARTBEAT, '', 0, null);
    expect(names(first)).toEqual(['x', 'y']);
    const beaten = aged.map((row) => (row.name === 'x' ? { ...row, heartbeatAgeMs: 0 } : row));
    const soon = orderRows(beaten, BY_HEARTBEAT, '', RESORT_AFTER_MS - 1, first);
    expect(names(soon)).toEqual(['x', 'y']);
    const late = orderRows(beaten, BY_HEARTBEAT, '', RESORT_AFTER_MS, soon);
    expect(names(late)).toEqual(['y', 'x']);
  });

  it('are sorted anew at once when the person changes sort or filter', () => {
    const first = orderRows(rows, BY_HEARTBEAT, '', 0, null);
    const down: Sort = { column: 'name', direction: 'descending' };
    expect(names(orderRows(rows, down, '', 1, first))).toEqual(['c', 'b', 'a']);
  });

  it('ten thousand beating workers are not sorted again', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => makeRow({ name: `worker-${index}` }));
    const first = orderRows(many, CALM_SORT, '', 0, null);
    const beaten = many.map((row, index) => (index % 10 ? row : { ...row, heartbeatAgeMs: 0 }));
    const next = orderRows(beaten, CALM_SORT, '', 1, first);
    expect(next.rows.map((row) => row.id)).toEqual(first.rows.map((row) => row.id));
    expect(next.sortedAt).toBe(first.sortedAt);
  });
});
