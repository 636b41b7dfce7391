import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EvidenceKind } from '../../../src/shared/model';
import { beat, makeRun, type SteppedWatch, watchStepped } from '../support/watched-run';

const tasks = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => `{"id":"task-${from + at}","task":"look into it"}\n`).join('');
const results = (count: number) =>
  Array.from({ length: count }, (_, at) => `{"task_id":"task-${at}","status":"success"}\n`).join('');

/** A worker that says nothing of being busy, so that its open tasks decide. */
function makeWorker(inbox: string | Uint8Array, outbox: string | Uint8Array = '') {
  const run = makeRun();
  run.well('neighbour');
  run.put('w', 'heartbeat.json', beat({ status: 'alive' }));
  const paths = { inbox: run.put('w', 'inbox.jsonl', inbox), outbox: run.put('w', 'outbox.jsonl', outbox) };
  return { run, paths };
}

function evidence(watched: SteppedWatch, kind: EvidenceKind): string | undefined {
  return watched.report('w').evidence.find((item) => item.kind === kind)?.text;
}

describe('the lines of an inbox', () => {
  test('that are no entries are counted apart, and the others count', () => {
    const lines = [
      '{"id":1}',
      'no JSON',
      '{"id":',
      '[]',
      '"id"',
      'null',
      '{"id":{}}',
      '{"task":"no id"}',
      '',
      '  ',
      '{"id":2}',
    ];
    const { run } = makeWorker(`${lines.join('\n')}\n`);
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ inboxCount: 2, state: 'busy', health: 'healthy' });
    expect(evidence(watched, 'inbox')).toBe('2 tasks, 7 lines are no JSON entry');
    expect(watched.row('neighbour').health).toBe('healthy');
  });

  test('of bytes that are no text are no entries', () => {
    const { run } = makeWorker(Uint8Array.from([0xff, 0xfe, 0, 0x0a, 0x80, 0x0a, 0xc3, 0x28, 0x0a]));
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ inboxCount: 0, state: 'ready', health: 'healthy' });
    expect(evidence(watched, 'inbox')).toBe('0 tasks, 3 lines are no JSON entry');
  });

  test('with Windows line ends count', () => {
    const { run } = makeWorker('{"id":1}\r\n\r\n{"id":2}\r\n', '{"task_id":1}\r\n{"task_id":2}\r\n');
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ inboxCount: 2, outboxCount: 2, state: 'ready' });
    expect(evidence(watched, 'inbox')).toBe('2 tasks');
  });

  test('of over 1 MiB are passed over, and those around them count', () => {
    const long = `{"id":"long","task":"${'x'.repeat(1_500_000)}"}\n`;
    const { run } = makeWorker(`{"id":"a"}\n${long}{"id":"b"}\n`, '{"task_id":"a"}\n{"task_id":"b"}\n');
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ inboxCount: 2, outboxCount: 2, state: 'ready' });
    expect(evidence(watched, 'inbox')).toBe('2 tasks, 1 line is no JSON entry');
  });

  test('count without a final newline, once it is there they count no second time', () => {
    const { run, paths } = makeWorker('{"id":"a"}\n{"id":"b"}', '{"task_id":"a"}');
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ inboxCount: 2, outboxCount: 1, state: 'busy' });
    appendFileSync(paths.inbox, '\n');
    appendFileSync(paths.outbox, '\n{"task_id":"b"}');
    watched.look('w');
    expect(watched.row('w')).toMatchObject({ inboxCount: 2, outboxCount: 2, state: 'ready' });
  });

  test('written by halves count once they are whole', () => {
    const { run, paths } = makeWorker('{"id":"a","task":"ä');
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ inboxCount: 0, state: 'ready' });
    const [first, second] = [Buffer.from('ö"}\n').subarray(0, 1), Buffer.from('ö"}\n').subarray(1)];
    appendFileSync(paths.inbox, first);
    watched.look('w');
    expect(watched.row('w')).toMatchObject({ inboxCount: 0, state: 'ready' });
    appendFileSync(paths.inbox, second);
    watched.look('w');
    expect(watched.row('w')).toMatchObject({ inboxCount: 1, state: 'busy' });
    expect(evidence(watched, 'inbox')).toBe('1 task');
  });
});

function makeAnew(path: string, content: string): void {
  rmSync(path);
  writeFileSync(path, content);
}

function moveAway(path: string): void {
  renameSync(path, `${path}.1`);
  writeFileSync(path, tasks(6, 50));
}

function writeOverAsLong(path: string): void {
  writeFileSync(path, tasks(4).replaceAll('task-', 'made-'));
  utimesSync(path, Date.now() / 1000 + 1, Date.now() / 1000 + 1); // Times of files are coarse on some systems.
}

describe('an inbox', () => {
  const traffic = (watched: SteppedWatch) => watched.monitor.snapshot().idle.trafficCount;

  test('that grows is counted on, and each line is traffic', () => {
    const { run, paths } = makeWorker(tasks(3));
    const watched = watchStepped([run.state]);
    expect([watched.row('w').inboxCount, traffic(watched)]).toEqual([3, 0]);
    appendFileSync(paths.inbox, tasks(4, 3));
    watched.look('w');
    expect([watched.row('w').inboxCount, traffic(watched)]).toEqual([7, 4]);
  });

  /** However it is done, only what stands in the new one counts, and that it was written to is one event. */
  const REPLACEMENTS: [name: string, replace: (path: string) => void, count: number][] = [
    ['removed and made anew, longer', (path) => makeAnew(path, tasks(9, 50)), 9],
    ['removed and made anew, shorter', (path) => makeAnew(path, tasks(2, 50)), 2],
    ['written over, longer', (path) => writeFileSync(path, tasks(9, 50)), 9],
    ['written over, as long', writeOverAsLong, 4],
    ['cut short', (path) => truncateSync(path, tasks(2).length), 2],
    ['moved away, a new one in its place', moveAway, 6],
  ];
  test.each(REPLACEMENTS)('that is %s is counted afresh', (_name, replace, count) => {
    const { run, paths } = makeWorker(tasks(4));
    const watched = watchStepped([run.state]);
    expect(watched.row('w').inboxCount).toBe(4);
    replace(paths.inbox);
    watched.look('w');
    expect(watched.row('w')).toMatchObject({ inboxCount: count, state: 'busy', health: 'healthy' });
    expect(traffic(watched)).toBe(1);
  });

  test('that is emptied holds no task any more', () => {
    const { run, paths } = makeWorker(tasks(4));
    const watched = watchStepped([run.state]);
    truncateSync(paths.inbox);
    watched.look('w');
    expect(watched.row('w')).toMatchObject({ inboxCount: 0, state: 'ready' });
    expect(traffic(watched)).toBe(0);
  });

  test('that is gone has no count, and counts again when it is back', () => {
    const { run, paths } = makeWorker(tasks(4));
    const watched = watchStepped([run.state]);
    rmSync(paths.inbox);
    watched.look('w');
    expect(watched.row('w').inboxCount).toBeNull();
    writeFileSync(paths.inbox, tasks(5, 50));
    watched.look('w');
    expect(watched.row('w')).toMatchObject({ inboxCount: 5, state: 'busy' });
  });
});

describe('long files', () => {
  test('with every task answered are no work, neither while they are counted nor after, and no traffic', () => {
    const { run, paths } = makeWorker(tasks(30_000), results(30_000));
    // Were it taken for busy, it would have been without progress for ten minutes.
    for (const path of Object.values(paths)) utimesSync(path, Date.now() / 1000 - 600, Date.now() / 1000 - 600);
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({
      inboxCount: 30_000,
      outboxCount: 30_000,
      state: 'ready',
      health: 'healthy',
    });
    expect(watched.told('w')).toEqual([]);
    expect(watched.monitor.snapshot().idle.trafficCount).toBe(0);
  });

  test('whose results are shorter than their tasks: no result is forgotten before its task is read', () => {
    const inbox = Array.from({ length: 12_000 }, (_, id) => `{"id":${id},"task":"${'x'.repeat(500)}"}\n`).join('');
    const outbox = Array.from({ length: 12_000 }, (_, id) => `{"task_id":${id}}\n`).join('');
    const { run } = makeWorker(inbox, outbox);
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ inboxCount: 12_000, outboxCount: 12_000, state: 'ready' });
  });

  test('of which the last task alone is open are work', () => {
    const { run } = makeWorker(tasks(30_001), results(30_000));
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ state: 'busy', reason: 'Works on 1 task of its inbox' });
  });
});
