import { expect, test } from 'vitest';
import { SLICE_MS, SlicedRun } from '../../../../src/engine/schedule/slices';
import { SteppedClock } from '../../../fakes/stepped-clock';

function* work(steps: number, done: (step: number) => void) {
  for (let step = 0; step < steps; step += 1) {
    done(step);
    yield;
  }
}

test('work goes on in slices, with other timers in between, and tells once that it is done', () => {
  const clock = new SteppedClock({ readCostMs: 0.5 });
  const run = new SlicedRun(clock);
  let done = 0;
  let steps = 0;
  let before = 0;
  const between: number[] = [];
  const tick = () => {
    between.push(steps - before);
    before = steps;
    clock.after(0.1, tick);
  };
  expect(
    run.start(
      work(100, () => (steps += 1)),
      () => (done += 1),
    ),
  ).toBe(true);
  expect([run.running, done]).toEqual([true, 0]);
  tick();
  clock.step(200);
  expect([run.running, done, steps]).toEqual([false, 1, 100]);
  expect(Math.max(...between)).toBeLessThanOrEqual(SLICE_MS / 0.5 + 1);
});

test('one run at a time: a second is refused, a third may follow', () => {
  const clock = new SteppedClock({ readCostMs: 5 });
  const run = new SlicedRun(clock);
  const done: string[] = [];
  expect(
    run.start(
      work(3, () => undefined),
      () => done.push('first'),
    ),
  ).toBe(true);
  expect(
    run.start(
      work(3, () => undefined),
      () => done.push('second'),
    ),
  ).toBe(false);
  clock.step(100);
  expect(
    run.start(
      work(3, () => undefined),
      () => done.push('third'),
    ),
  ).toBe(true);
  clock.step(100);
  expect(done).toEqual(['first', 'third']);
});

test('stopped work goes on no more, is not told as done, and what it holds is let go', () => {
  const clock = new SteppedClock({ readCostMs: 5 });
  const run = new SlicedRun(clock);
  let isReleased = false;
  let steps = 0;
  function* holding() {
    try {
      yield* work(100, () => (steps += 1));
    } finally {
      isReleased = true;
    }
  }
  run.start(holding(), () => expect.unreachable());
  clock.step(20);
  run.stop();
  const stoppedAt = steps;
  clock.step(1_000);
  expect([isReleased, steps, run.running, clock.timerCount]).toEqual([true, stoppedAt, false, 0]);
});

test('work that is stopped from within ends there, also where another follows at once', () => {
  const clock = new SteppedClock({ readCostMs: 0.001 });
  const run = new SlicedRun(clock);
  const done: string[] = [];
  const steps: string[] = [];
  run.start(
    (function* () {
      steps.push('first');
      yield;
      clock.after(0, () => {
        run.stop();
        run.start(
          work(2, (step) => steps.push(`other ${step}`)),
          () => done.push('other'),
        );
      });
      for (;;) yield;
    })(),
    () => done.push('first'),
  );
  clock.step(50);
  expect([steps, done]).toEqual([['first', 'other 0', 'other 1'], ['other']]);
});

test('work may stop its own run, and start another: it is let go at its next yield and told as done by nobody', () => {
  const clock = new SteppedClock({ readCostMs: 0.001 });
  const run = new SlicedRun(clock);
  const told: string[] = [];
  function* stopping(startsOther: boolean) {
    try {
      run.stop();
      if (startsOther)
        run.start(
          work(2, (step) => told.push(`other ${step}`)),
          () => told.push('other done'),
        );
      yield;
      told.push('went on');
    } finally {
      told.push('let go');
    }
  }
  run.start(stopping(false), () => told.push('done'));
  clock.step(50);
  expect([told, run.running, clock.timerCount]).toEqual([['let go'], false, 0]);
  told.length = 0;
  run.start(stopping(true), () => told.push('done'));
  clock.step(50);
  expect([told, run.running]).toEqual([['other 0', 'other 1', 'other done', 'let go'], false]);
});
