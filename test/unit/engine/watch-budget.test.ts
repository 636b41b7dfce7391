import { expect, it } from 'vitest';
import { WATCHES_MAX, WatchBudget } from '../../../src/engine/watch-budget';

function budget() {
  const open = new Map<string, (name: string | null) => void>();
  const opened: string[] = [];
  const told: string[] = [];
  const events = {
    watch(directory: string, onChange: (name: string | null) => void) {
      open.set(directory, onChange);
      opened.push(directory);
      return () => open.delete(directory);
    },
  };
  const watches = new WatchBudget<string>(events, (owner, name) => told.push(`${owner}: ${name}`));
  return { open, opened, told, watches };
}

it('tells all owners of a directory, and watches it once', () => {
  const { open, opened, told, watches } = budget();
  watches.assign([
    { directory: '/a', owner: 'one' },
    { directory: '/b', owner: 'one' },
    { directory: '/a', owner: 'two' },
  ]);
  open.get('/a')?.('file');
  expect(told).toEqual(['one: file', 'two: file']);
  expect(opened).toEqual(['/a', '/b']);
});

it('keeps a watch that is wanted still, for those who want it now', () => {
  const { open, opened, told, watches } = budget();
  watches.assign([{ directory: '/a', owner: 'one' }]);
  watches.assign([{ directory: '/a', owner: 'two' }]);
  open.get('/a')?.(null);
  expect(told).toEqual(['two: null']);
  expect(opened).toEqual(['/a']);
  watches.close();
  expect(open.size).toBe(0);
});

it('spends no more than its budget, on what comes first', () => {
  const { open, watches } = budget();
  const wanted = Array.from({ length: WATCHES_MAX + 10 }, (_, at) => ({ directory: `/d${at}`, owner: 'one' }));
  watches.assign([...wanted, { directory: '/d0', owner: 'two' }]);
  expect(open.size).toBe(WATCHES_MAX);
  expect(open.has(`/d${WATCHES_MAX}`)).toBe(false);
});
