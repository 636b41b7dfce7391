import { expect, test } from 'vitest';
import { statusTable } from '../../../src/cli/table';
import { textWidth } from '../../../src/cli/text-width';
import type { Snapshot, WorkerRow, WorkerState } from '../../../src/shared/model';

function row(name: string, state: WorkerState, more: Partial<WorkerRow> = {}): WorkerRow {
  return {
    id: `worker-directory:/run/workers/${name}`,
    runId: 'run',
    source: 'worker-directory',
    name,
    role: null,
    path: `/run/workers/${name}`,
    state,
    health: state === 'stalled' || state === 'dead' ? state : 'healthy',
    reason: 'Heartbeat 2 s ago',
    failure: null,
    since: 0,
    judgedAt: 0,
    lastHeartbeatAt: 0,
    heartbeatAgeMs: 2_000,
    lifeAgeMs: 2_000,
    heartbeatMissingMs: 30_000,
    heartbeatStaleMs: 60_000,
    inboxCount: 3,
    outboxCount: null,
    pid: 4711,
    liveness: 'alive',
    cpuPercent: null,
    rssBytes: null,
    snoozed: false,
    keepAlive: false,
    snoozedUntil: null,
    parentId: null,
    usage: null,
    idle: null,
    suggestion: null,
    needsPerson: false,
    canEnd: false,
    ...more,
  };
}

function snapshot(workers: WorkerRow[]): Snapshot {
  return { overall: 'stalled', sentence: '1 of 3 stalled: b silent for 2 min 10 s', workers } as Snapshot;
}

const plain = { color: false, columns: null };

test('the sentence comes first, then what needs a person, in aligned columns', () => {
  const workers = [
    row('c', 'ready'),
    row('a-long-name', 'busy', { health: 'late' }),
    row('b', 'stalled', { heartbeatAgeMs: 130_000, reason: 'Silent for 2 min 10 s' }),
  ];
  expect(statusTable(snapshot(workers), plain)).toBe(`■ 1 of 3 stalled: b silent for 2 min 10 s

State         Worker       Heartbeat  In  Out   Pid  Why
■ stalled     b                 2:10   3    –  4711  Silent for 2 min 10 s
● busy, late  a-long-name       0:02   3    –  4711  Heartbeat 2 s ago
○ ready       c                 0:02   3    –  4711  Heartbeat 2 s ago
`);
});

test('what failed and what cannot be told have marks of their own', () => {
  const workers = [
    row('a', 'ready', { health: 'unknown', reason: 'Cannot be read: it is a directory' }),
    row('b', 'busy', { health: 'unknown' }),
    row('c', 'stopped', { health: 'unknown' }),
    row('d', 'stopped', { health: 'unknown', failure: 'failed' }),
    row('e', 'stopped', { health: 'unknown', failure: 'timed_out' }),
    row('f', 'waiting', { health: 'unknown' }),
    row('g', 'starting', { health: 'unknown' }),
  ];
  const [, , , ...lines] = statusTable(snapshot(workers), plain).trimEnd().split('\n');
  expect(lines.map((line) => line.split(/ {2,}/).slice(0, 2).join(': '))).toEqual([
    '◆ waiting, unknown: f',
    '? busy, unknown: b',
    '◐ starting: g',
    '? ready, unknown: a',
    '– stopped: c',
    '× failed: d',
    '× timed out: e',
  ]);
  const colored = statusTable(snapshot(workers), { color: true, columns: null });
  expect(colored).toContain('\u001b[39m× failed');
  expect(colored).toContain('\u001b[2m– stopped');
});

test('each run has its own heading when there are several', () => {
  const text = statusTable(snapshot([row('a', 'ready', { runId: 'run-2' }), row('b', 'ready')]), plain);
  expect(text.split('\n').filter((line) => line.startsWith('run'))).toEqual(['run', 'run-2']);
  expect(statusTable(snapshot([row('a', 'ready')]), plain)).not.toContain('\nrun');
});

test.each([30, 50, 80, 120])('on a terminal of %i columns no line is wider', (columns) => {
  const reason = 'Silent for 2 min 10 s (allowed 30 s), process alive '.repeat(4);
  const rows = [row('worker-日本語', 'stalled', { reason }), row('b', 'dead', { reason })];
  const [, ...lines] = statusTable(snapshot(rows), { color: false, columns }).split('\n');
  for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
  expect(lines.join('\n')).toContain('worker-日本語');
  expect(lines.join('\n').includes('Pid')).toBe(columns >= 80);
});

test('off a terminal the reason is whole; names and reasons cannot steer the terminal', () => {
  const reason = `${'long '.repeat(50)}end`;
  const text = statusTable(snapshot([row('x\u001b[2Jy\nz', 'dead', { reason })]), plain);
  expect(text).toContain('x␛[2Jy␊z');
  expect(text).toContain('long end\n');
});

test('colours change nothing but the colour', () => {
  const workers = [row('a', 'dead'), row('b', 'waiting')];
  const colored = statusTable(snapshot(workers), { color: true, columns: 100 });
  expect(colored).toContain('\u001b[31m✕ dead');
  const stripped = colored.replaceAll(/\u001b\[\d+m/g, '');
  expect(stripped).toBe(statusTable(snapshot(workers), { color: false, columns: 100 }));
});
