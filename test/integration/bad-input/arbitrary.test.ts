import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WORKER_STATES } from '../../../src/shared/model';
import { makeRun, type Run, watchStepped } from '../support/watched-run';

const TIMES = ['2026-01-31T12:00:00Z', '1926-01-31T12:00:00+01:00', '9999-12-31T23:59:59Z', 'now', ''];
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 1, stringUnit: 'binary' }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    ...TIMES,
    0,
    -1,
    1e308,
    true,
    'busy',
    'waiting',
    'stopped',
    '../..',
    '/etc/passwd',
    '.',
    'inbox.jsonl',
  ),
);
const fields = (...names: string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, anything])), { requiredKeys: [] });

const heartbeat = fields(
  ...[
    'status',
    'name',
    'ts',
    'pid',
    'started_at',
    'interval_ms',
    'task',
    'phase',
    'progress',
    'silent_until',
    'message',
  ],
);
const task = fc.record({ task: fields('id', 'title', 'started_at'), ts: anything, status: anything });
const spec = fields('name', 'role', 'inbox', 'outbox', 'heartbeat', 'pid', 'project_dir');
const entry = fields('id', 'task', 'task_id', 'status');
const event = fields('type', 'payload', 'message', 'params', 'timestamp', 'ts', 'time');

const json = (content: fc.Arbitrary<unknown>) => content.map((value) => JSON.stringify(value));
const bytes = fc.uint8Array({ maxLength: 50 });
/** Well-formed JSON of the wrong kinds, JSON cut short, or no JSON at all. */
const document = (content: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 6, arbitrary: json(content) },
    { weight: 1, arbitrary: json(content).chain((text) => fc.nat(text.length).map((at) => text.slice(0, at))) },
    { weight: 1, arbitrary: bytes },
  );
const lines = (content: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.array(json(content), { maxLength: 8 }).map((all) => all.join('\n')) },
    { weight: 1, arbitrary: bytes },
  );

const worker = fc.record(
  {
    'heartbeat.json': document(fc.oneof(heartbeat, task, anything)),
    'worker-spec.json': document(fc.oneof(spec, anything)),
    'inbox.jsonl': lines(fc.oneof(entry, anything)),
    'outbox.jsonl': lines(fc.oneof(entry, anything)),
    'wire-events.jsonl': lines(fc.oneof(event, anything)),
    'agent.log': lines(anything),
  },
  { requiredKeys: ['heartbeat.json'] },
);

test('whatever the files of workers hold: each is a row with a verdict, and a neighbour is well', () => {
  const run = makeRun();
  fc.assert(
    fc.property(fc.array(worker, { minLength: 5, maxLength: 15 }), (workers) => {
      const state = mkdtempSync(join(run.base, 'state-'));
      fill({ ...run, workers: state }, workers);
      const watched = watchStepped([state]);
      watched.step(70_000);
      watched.monitor.focus({ visible: [], selected: watched.row('w0').id });
      watched.step(150);
      const { workers: rows } = watched.monitor.snapshot();
      expect(rows).toHaveLength(workers.length + 1);
      for (const { id } of rows) expectVerdict(watched.monitor.report(id));
      expect(watched.row('neighbour')).toMatchObject({ state: 'waiting', reason: 'Waits for a person' });
      expect(watched.warnings).toEqual([]);
      watched.monitor.stop();
      rmSync(state, { recursive: true });
    }),
    { numRuns: 12 },
  );
});

function fill(run: Run, workers: Record<string, string | Uint8Array | undefined>[]): void {
  for (const [at, files] of workers.entries()) {
    mkdirSync(join(run.workers, `w${at}`));
    for (const [file, content] of Object.entries(files))
      writeFileSync(join(run.workers, `w${at}`, file), content ?? '');
  }
  mkdirSync(join(run.workers, 'neighbour'));
  const ts = new Date().toISOString();
  writeFileSync(join(run.workers, 'neighbour/heartbeat.json'), JSON.stringify({ ts, status: 'waiting' }));
}

/** What the window, the tray and the command line rely on, whatever stood in the files. */
function expectVerdict(report: unknown): void {
  const text = (max: number) => expect.toSatisfy((value: unknown) => typeof value === 'string' && value.length <= max);
  const count = expect.toSatisfy((value: unknown) => value === null || Number.isSafeInteger(value));
  const age = expect.toSatisfy(
    (value: unknown) => value === null || (Number.isFinite(value) && (value as number) >= 0),
  );
  expect(report).toMatchObject({
    state: expect.toBeOneOf([...WORKER_STATES]),
    health: expect.toBeOneOf(['healthy', 'late', 'stalled', 'dead', 'unknown']),
    reason: text(1_000),
    name: text(121),
    inboxCount: count,
    outboxCount: count,
    heartbeatAgeMs: age,
    lifeAgeMs: age,
    heartbeatMissingMs: age,
    since: expect.any(Number),
  });
}
