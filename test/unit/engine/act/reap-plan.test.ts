import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LookedAt, planReap } from '../../../../src/engine/act/reap-plan';
import { leftover } from '../../../fakes/leftover';

const MB = 1024 * 1024;
const HOUR_MS = 3_600_000;

function looked(name: string, finishedAgeMs: number, over: Partial<LookedAt> = {}): LookedAt {
  return { leftover: leftover(name, { finishedAgeMs }), bytes: 10 * MB, mustStay: null, ...over };
}
function planOf(lookedAt: LookedAt[], leftoversMaxMB: number | null = null) {
  return planReap({ planId: 'p', madeAt: 5, lookedAt, settings: { leftoversMaxMB } }).plan;
}
const names = (list: { name: string }[]) => list.map(({ name }) => name);

describe('the plan of what may be removed', () => {
  it('names what is past its time, oldest finished first, and why the rest stays', () => {
    const plan = planOf([
      looked('young', 10 * 60_000),
      looked('old', 2 * HOUR_MS),
      looked('older', 3 * HOUR_MS),
      looked('alive', 4 * HOUR_MS, { mustStay: 'its session lives\n' }),
      looked('just', HOUR_MS),
    ]);
    expect(names(plan.candidates)).toEqual(['older', 'old', 'just']);
    expect(plan.candidates[1]).toMatchObject({ bytes: 10 * MB, why: 'finished 2 h ago, kept for 1 h' });
    expect(plan.totalBytes).toBe(30 * MB);
    expect(plan.kept).toEqual([
      { name: 'alive', path: '/left/alive', why: 'its session lives␊' },
      { name: 'young', path: '/left/young', why: 'finished 10 min ago, kept for 1 h' },
    ]);
  });

  it('reads a time in the future as age 0', () => {
    expect(names(planOf([looked('ahead', -HOUR_MS)]).candidates)).toEqual([]);
    const atOnce = leftover('at-once', { finishedAgeMs: -HOUR_MS, ttlMs: 0 });
    expect(names(planOf([{ leftover: atOnce, bytes: 1, mustStay: null }]).candidates)).toEqual(['at-once']);
  });

  it('takes the oldest before their time until the rest is under the cap', () => {
    const some = [looked('third', 30_000), looked('first', 50_000), looked('second', 40_000), looked('last', 20_000)];
    const plan = planOf(some, 25);
    expect(names(plan.candidates)).toEqual(['first', 'second']);
    expect(plan.candidates[0]?.why).toBe(
      'finished 50 s ago, kept for 1 h; but finished ones take up 40 MB and may take up 25 MB, and it is the oldest.',
    );
    expect(names(planOf(some, 20).candidates)).toEqual(['first', 'second']);
    expect(names(planOf(some, 40).candidates)).toEqual([]);
  });

  it('counts what goes anyway, and what must stay, not towards the cap', () => {
    const plan = planOf(
      [looked('due', 2 * HOUR_MS), looked('young', 1_000), looked('alive', 2_000, { mustStay: 'it lives' })],
      15,
    );
    expect(names(plan.candidates)).toEqual(['due']);
  });

  it('does not remove before its time what could not be measured', () => {
    const plan = planOf([looked('unknown', 60_000, { bytes: null }), looked('known', 30_000)], 1);
    expect(names(plan.candidates)).toEqual(['known']);
    expect(plan.kept[0]?.why).toContain('cannot be told');
  });

  it('never names what must stay, and leaves nothing over the cap that it could take', () => {
    const one = fc.record({
      finishedAgeMs: fc.integer({ min: -HOUR_MS, max: 3 * HOUR_MS }),
      bytes: fc.option(fc.integer({ min: 0, max: 50 * MB })),
      mustStay: fc.option(fc.constant('it lives')),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 30 }), fc.option(fc.integer({ min: 1, max: 200 })), (list, cap) => {
        const all = list.map(({ finishedAgeMs, ...rest }, index) => looked(`w${index}`, finishedAgeMs, rest));
        const { candidates, kept } = planOf(all, cap);
        expect([...names(candidates), ...names(kept)].sort()).toEqual(all.map((a) => a.leftover.name).sort());
        const chosen = new Set(names(candidates));
        expect(all.filter((a) => a.mustStay !== null && chosen.has(a.leftover.name))).toEqual([]);
        const left = all.filter((a) => a.mustStay === null && !chosen.has(a.leftover.name));
        const leftBytes = left.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
        if (cap !== null) expect(leftBytes).toBeLessThanOrEqual(cap * MB);
        const early = all.filter((a) => chosen.has(a.leftover.name) && a.leftover.finishedAgeMs < HOUR_MS);
        if (cap === null) expect(early).toEqual([]);
      }),
    );
  });
});
