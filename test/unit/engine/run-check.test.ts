import { expect, it } from 'vitest';
import { checkRuns } from '../../../src/engine/run-check';
import type { Health, WorkerReport } from '../../../src/shared/model';
import { workerRow } from '../../fixtures/snapshot';

const report = (path: string, health: Health = 'healthy', reason = 'why'): WorkerReport => ({
  ...workerRow({ path, health, reason, runId: 'run', name: path.slice(path.lastIndexOf('/') + 1) }),
  heartbeatContent: null,
  process: null,
  evidence: [],
});

it('workers of one state directory are one run, in their order; a name alone is not enough', () => {
  const workers = [report('/a/run/workers/1'), report('/b/run/workers/1'), report('/a/run/workers/2')];
  const runs = checkRuns(workers, [], 42);
  expect(runs.map(({ runId, checkedAt, workers: own }) => [runId, checkedAt, own.map(({ path }) => path)])).toEqual([
    ['run', 42, ['/a/run/workers/1', '/a/run/workers/2']],
    ['run', 42, ['/b/run/workers/1']],
  ]);
});

it.each<[Health, string[]]>([
  ['stalled', ['w: why']],
  ['dead', ['w: why']],
  ['late', []],
  ['healthy', []],
  ['unknown', []],
])('%s: issues are %j', (health, issues) => {
  expect(checkRuns([report('/run/workers/w', health)], [], 0)[0]?.issuesFound).toEqual(issues);
});

it('knows Windows paths', () => {
  const workers = [report('C:\\run\\workers\\1'), report('C:\\run\\workers\\2'), report('D:\\run\\workers\\1')];
  expect(checkRuns(workers, [], 0).map(({ workers: own }) => own.length)).toEqual([2, 1]);
});

it('a directory that cannot be read is an issue of its own; one that can is none', () => {
  const roots = [
    { path: '/gone', workers: 0, unreadable: 'there is no such directory' },
    { path: '/empty', workers: 0, unreadable: null },
  ];
  expect(checkRuns([], roots, 7)).toEqual([
    {
      runId: '/gone',
      checkedAt: 7,
      workers: [],
      issuesFound: ['/gone cannot be read: there is no such directory'],
    },
  ]);
});
