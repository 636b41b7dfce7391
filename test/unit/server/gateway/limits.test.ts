import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Allowance, RequestLimits } from '../../../../src/server/gateway/limits';
import { SteppedClock } from '../../../fakes/stepped-clock';

const count = fc.option(fc.integer({ min: 1, max: 5 }), { nil: null });
const asked = fc.record({
  worker: fc.constantFrom('a', 'b', null),
  allowance: fc.record({ inAll: count, ofWorker: count }),
  afterMs: fc.integer({ min: 0, max: 25_000 }),
});

it('no minute ever holds more than is allowed, and who waits as long as told passes, not a moment sooner', () => {
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 60 }), (all) => {
      const clock = new SteppedClock();
      const limits = new RequestLimits(clock);
      const through: { at: number; worker: string | null }[] = [];
      const ask = (worker: string | null, allowance: Allowance) => {
        const { waitMs } = limits.ask(worker, allowance);
        if (waitMs > 0) return waitMs;
        through.push({ at: clock.monotonicMs(), worker });
        const minute = through.filter(({ at }) => at > clock.monotonicMs() - 60_000);
        expect(minute.length).toBeLessThanOrEqual(allowance.inAll ?? Number.POSITIVE_INFINITY);
        const own = minute.filter((each) => each.worker === worker);
        expect(own.length).toBeLessThanOrEqual(allowance.ofWorker ?? Number.POSITIVE_INFINITY);
        return 0;
      };
      for (const { worker, allowance, afterMs } of all) {
        clock.step(afterMs);
        const waitMs = ask(worker, allowance);
        if (waitMs === 0) continue;
        expect(waitMs).toBeLessThanOrEqual(60_000);
        clock.step(waitMs - 1);
        expect(ask(worker, allowance)).toBe(1);
        clock.step(1);
        expect(ask(worker, allowance)).toBe(0);
      }
    }),
  );
});

it('names the limit that is in the way', () => {
  const limits = new RequestLimits(new SteppedClock());
  const allowance = { inAll: 2, ofWorker: 1 };
  expect(limits.ask('a', allowance).waitMs).toBe(0);
  expect(limits.ask('a', allowance)).toEqual({ waitMs: 60_000, until: 'ofWorker' });
  expect(limits.ask('b', allowance).waitMs).toBe(0);
  expect(limits.ask('c', allowance)).toEqual({ waitMs: 60_000, until: 'inAll' });
});
