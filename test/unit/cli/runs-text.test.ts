import { expect, test } from 'vitest';
import { runsText } from '../../../src/cli/runs-text';
import { RUN_STATES, type RunRecord } from '../../../src/engine/run-registry';

test('how a run went is told by shape and word', () => {
  const runs = RUN_STATES.map(
    (state) => ({ state, id: state, name: 'a', key: null, command: ['true'], startedAt: 0, reason: null }) as RunRecord,
  );
  const [, ...lines] = runsText(runs, [], 60_000, { color: false, columns: null }).trimEnd().split('\n');
  expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual([
    '● running',
    '– succeeded',
    '× failed',
    '× timed out',
    '– killed',
    '■ orphaned',
  ]);
});
