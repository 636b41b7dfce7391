import { expect, it } from 'vitest';
import type { ProcessFact } from '../../../src/engine/ports';
import { ProcessWatch } from '../../../src/engine/process-watch';
import { NO_PROCESS, newRecord } from '../../../src/engine/worker-record';
import { fakeProcessTable } from '../../fakes/process-table';
import { SteppedClock } from '../../fakes/stepped-clock';

/** A worker for each of so many processes; `reads`: how often anybody looked at the number of a process. */
function crowd(size: number) {
  let reads = 0;
  const table = fakeProcessTable([]);
  const listed = Array.from({ length: size }, (_, at) => {
    const look = fakeProcessTable([{ pid: 1_000 + at }]).inspect(1_000 + at);
    const fact = look.liveness === 'alive' ? look.fact : null;
    const pid = () => {
      reads += 1;
      return 1_000 + at;
    };
    return Object.defineProperty({ ...(fact as ProcessFact), rssBytes: 1 }, 'pid', { get: pid });
  });
  const watch = new ProcessWatch({ ...table, list: () => ({ ok: true, processes: listed }) }, new SteppedClock());
  const records = listed.map((_, at) => {
    const record = newRecord(`w${at}`, null as never, { monotonicMs: 0, at: 0 });
    const identity = { pid: 1_000 + at, startTime: `start of ${1_000 + at}` };
    record.process = { ...NO_PROCESS, identity, liveness: 'alive' };
    return record;
  });
  return { watch, records, reads: () => reads };
}

it('sampling costs so much for each worker, however many there are', () => {
  const { watch, records, reads } = crowd(2_000);
  expect(watch.sample(records)).toBe(true);
  expect(watch.rssBytes).toBe(2_000);
  expect(records.every(({ usage }) => usage?.rssBytes === 1)).toBe(true);
  expect(reads()).toBeLessThan(2_000 * 10);
});
