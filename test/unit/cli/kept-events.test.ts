import { expect, test } from 'vitest';
import { UsageError } from '../../../src/cli/command';
import { eventLine, readKinds } from '../../../src/cli/event-text';
import { keptEvents } from '../../../src/cli/kept-events';
import type { LoggedEvent } from '../../../src/shared/model';

const all: LoggedEvent[] = Array.from({ length: 1_203 }, (_, index) => ({
  id: index + 1,
  at: 1_700_000_000_000 + index,
  kind: index % 3 === 0 ? 'stalled' : 'busy',
  workerId: null,
  workerName: null,
  text: 'x',
}));
const journal = {
  eventsAfter: (id: number, limit: number) => all.filter((event) => event.id > id).slice(0, limit),
  latestEvents: (limit: number) => all.slice(-limit),
};
const ids = (wanted: Parameters<typeof keptEvents>[1]) => keptEvents(journal, wanted).map(({ id }) => id);
const names = ['worker_stalled'];

test('the newest so many, oldest of them first', () => {
  expect(ids({ after: null, limit: 2, names: null })).toEqual([1_202, 1_203]);
  expect(ids({ after: null, limit: 2, names })).toEqual([1_198, 1_201]);
});

test('those behind one: all, or the first so many', () => {
  expect(ids({ after: 1_201, limit: null, names: null })).toEqual([1_202, 1_203]);
  expect(ids({ after: 0, limit: null, names: null })).toHaveLength(1_203);
  expect(ids({ after: 10, limit: 2, names })).toEqual([13, 16]);
});

test('kinds are names or their beginnings', () => {
  expect(readKinds('worker_stalled, kill_*')).toEqual(['worker_stalled', 'kill_intent', 'kill_ended', 'kill_failed']);
  expect(() => readKinds('stalled')).toThrow(UsageError);
  expect(() => readKinds('worker_stalled,')).toThrow(/--kinds names "".*worker_dead/);
  expect(() => readKinds('nothing_*')).toThrow(/--kinds names "nothing_\*"/);
});

test('a line for a person is one line', () => {
  const event = { ...all[0]!, workerName: 'a\u001b', text: 'b\nc' };
  expect(eventLine(event)).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}worker_stalled {2}a␛: b␊c\n$/);
});
