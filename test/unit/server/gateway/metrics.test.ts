import { expect, it } from 'vitest';
import { createGatewayCounts } from '../../../../src/server/gateway/counts';
import { gatewayMetrics } from '../../../../src/server/gateway/metrics';

it('tells what the gateway has counted, each time as it is then', async () => {
  const counts = createGatewayCounts();
  const text = gatewayMetrics(counts);
  expect(await text()).toContain('idlewatch_gateway_requests_total{outcome="limited"} 0');
  counts.requests.limited = 3;
  counts.open = 2;
  counts.retries = 1;
  counts.remembered = { answers: 4, bytes: 5 };
  const lines = (await text()).split('\n').filter((line) => line && !line.startsWith('#'));
  expect(lines).toEqual([
    ...['passed', 'hit', 'shared'].map((outcome) => `idlewatch_gateway_requests_total{outcome="${outcome}"} 0`),
    'idlewatch_gateway_requests_total{outcome="limited"} 3',
    ...['refused', 'failed', 'timed_out', 'broken_off', 'left'].map(
      (outcome) => `idlewatch_gateway_requests_total{outcome="${outcome}"} 0`,
    ),
    'idlewatch_gateway_retries_total 1',
    'idlewatch_gateway_open_requests 2',
    'idlewatch_gateway_remembered_answers 4',
    'idlewatch_gateway_remembered_bytes 5',
  ]);
});
