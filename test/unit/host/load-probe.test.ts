import { availableParallelism, loadavg } from 'node:os';
import { expect, test } from 'vitest';
import { createLoadProbe } from '../../../src/host/load-probe';

test('the load is that of the last minute, for each core', () => {
  const [before = 0] = loadavg();
  const perCore = createLoadProbe('linux').loadPerCore();
  const [after = 0] = loadavg();
  expect([before, after].map((load) => load / availableParallelism())).toContain(perCore);
});

test('Windows tells none, which is not the same as none', () => {
  expect(createLoadProbe('win32').loadPerCore()).toBeNull();
});
