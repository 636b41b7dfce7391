import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TaskLedger } from '../../../../src/engine/sources/worker-directory/tasks';

test('a task is open until it is answered, in whatever order the two are read', () => {
  const ledger = new TaskLedger();
  ledger.given('a');
  ledger.given('b');
  expect([ledger.openCount, ledger.isGiven('a'), ledger.isAnswered('a')]).toEqual([2, true, false]);
  ledger.answered('a');
  ledger.answered('c');
  ledger.given('c');
  expect([ledger.openCount, ledger.isGiven('a'), ledger.isAnswered('a')]).toEqual([1, false, true]);
  ledger.given('b');
  expect(ledger.openCount).toBe(1);
});

test('it agrees with two plain sets, whatever happens', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.record({ what: fc.constantFrom('given', 'answered', 'forgetGiven', 'forgetAnswered'), id });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const ledger = new TaskLedger();
      const open = new Set<string>();
      const answered = new Set<string>();
      for (const { what, id } of steps) {
        if (what === 'given') {
          ledger.given(id);
          if (!answered.has(id)) open.add(id);
        } else if (what === 'answered') {
          ledger.answered(id);
          answered.add(id);
          open.delete(id);
        } else if (what === 'forgetGiven') {
          ledger.forgetGiven();
          open.clear();
        } else {
          ledger.forgetAnswered();
          answered.clear();
        }
        expect(ledger.openCount).toBe(open.size);
        for (const each of 'abcd') {
          expect([ledger.isGiven(each), ledger.isAnswered(each)]).toEqual([open.has(each), answered.has(each)]);
        }
      }
    }),
  );
});

test('a rotated outbox opens nothing that was answered before; a rotated inbox closes what stood in it', () => {
  const ledger = new TaskLedger();
  ledger.given('a');
  ledger.given('b');
  ledger.answered('a');
  ledger.forgetAnswered();
  expect(ledger.openCount).toBe(1);
  ledger.forgetGiven();
  expect(ledger.openCount).toBe(0);
});

test('it is bounded: beyond 10,000 the oldest are forgotten', () => {
  const ledger = new TaskLedger();
  for (let id = 0; id < 12_000; id += 1) ledger.given(`${id}`);
  expect([ledger.openCount, ledger.isGiven('1999'), ledger.isGiven('2000')]).toEqual([10_000, false, true]);
  for (let id = 0; id < 12_000; id += 1) ledger.answered(`${id}`);
  expect([ledger.openCount, ledger.isAnswered('1999'), ledger.isAnswered('2000')]).toEqual([0, false, true]);
});
