import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SECRET } from '../support/odd-files';
import { beat, makeRun, type Run, watchStepped } from '../support/watched-run';

const TASKS = '{"id":1}\n{"id":2}\n';

/** A worker whose tasks lie in `sub/tasks.jsonl`, and one task outside it. */
function makeWorker(spec: (run: Run, path: string) => object): Run {
  const run = makeRun();
  run.well('neighbour');
  run.put('w', 'heartbeat.json', beat());
  const path = join(run.workers, 'w');
  mkdirSync(join(path, 'sub'));
  writeFileSync(join(path, 'sub/tasks.jsonl'), TASKS);
  writeFileSync(join(run.base, 'tasks.jsonl'), `${JSON.stringify({ id: SECRET })}\n`);
  run.put('w', 'worker-spec.json', JSON.stringify({ name: 'w', ...spec(run, path) }));
  return run;
}

describe('a path of the spec within the worker directory is read:', () => {
  test.each<[name: string, inbox: (run: Run, path: string) => string]>([
    ['relative', () => 'sub/tasks.jsonl'],
    ['with . and ..', () => './sub/../sub/./tasks.jsonl'],
    ['through the directory itself', () => '../w/sub/tasks.jsonl'],
    ['absolute', (_run, path) => join(path, 'sub/tasks.jsonl')],
    [
      'absolute, through a link to the run',
      (run) => linked(run.state, join(run.base, 'l'), 'workers/w/sub/tasks.jsonl'),
    ],
    ['through a link within', (_run, path) => linked('sub', join(path, 'l'), 'tasks.jsonl')],
  ])('%s', (_name, inbox) => {
    const run = makeWorker((at, path) => ({ inbox: inbox(at, path) }));
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ inboxCount: 2, health: 'healthy', reason: 'Heartbeat on time' });
  });
});

describe('a path of the spec out of the worker directory is named and not read:', () => {
  const OUTSIDE = '"inbox" in worker-spec.json lies outside the worker directory; it is not read';
  test.each<[name: string, inbox: (run: Run, path: string) => string, problem: string]>([
    ['absolute', (run) => join(run.base, 'tasks.jsonl'), OUTSIDE],
    ['with ..', () => '../../../tasks.jsonl', OUTSIDE],
    ['with .. behind a directory', () => 'sub/../../../../tasks.jsonl', OUTSIDE],
    ['a directory whose name begins with its own', () => '../w-other/tasks.jsonl', OUTSIDE],
    ['the root', () => '/', OUTSIDE],
    ['of the system', () => '/proc/self/environ', OUTSIDE],
    [
      'through a link to a directory outside',
      (run, path) => linked(run.base, join(path, 'l'), 'tasks.jsonl'),
      'Cannot read tasks.jsonl: it is a link that leads out of the worker directory',
    ],
    ['the directory itself', () => '.', 'Cannot read w: it is a directory, not a regular file'],
  ])('%s', (_name, inbox, problem) => {
    const run = makeWorker((at, path) => ({ inbox: inbox(at, path) }));
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ inboxCount: null, state: 'ready', health: 'healthy' });
    expect(watched.row('w').reason).toBe(`Heartbeat on time · ${problem}`);
    expect(watched.row('neighbour').reason).toBe('Heartbeat on time');
    expect(JSON.stringify(watched.monitor.snapshot())).not.toContain(SECRET);
  });

  test('each of several is named, and the files in their usual places are read', () => {
    const run = makeWorker(() => ({ heartbeat: '/etc/passwd', inbox: '../i', outbox: '/o' }));
    run.put('w', 'inbox.jsonl', TASKS);
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ inboxCount: 2, state: 'ready' });
    const faults = watched.report('w').evidence.filter(({ level }) => level === 'fault');
    expect(faults.map(({ text }) => /^"(\w+)" in worker-spec.json lies outside/.exec(text)?.[1])).toEqual([
      'heartbeat',
      'inbox',
      'outbox',
    ]);
  });
});

test('a path to nothing within the directory is a file that is not there yet', () => {
  const run = makeWorker(() => ({ inbox: 'later/tasks.jsonl' }));
  const watched = watchStepped([run.state]);
  expect(watched.row('w')).toMatchObject({ inboxCount: null, reason: 'Heartbeat on time' });
  mkdirSync(join(run.workers, 'w/later'));
  writeFileSync(join(run.workers, 'w/later/tasks.jsonl'), TASKS);
  watched.look('w');
  expect(watched.row('w').inboxCount).toBe(2);
});

test('a spec that names other files from now on: those count, and nothing of the ones before', () => {
  const run = makeRun();
  run.put('w', 'heartbeat.json', beat({ status: 'alive' }));
  run.put('w', 'worker-spec.json', '{"inbox":"one","outbox":"two"}');
  run.put('w', 'one', `${TASKS}{"id":3}\nno JSON\n`);
  run.put('w', 'two', '{"task_id":1}\n');
  run.put('w', 'three', '{"id":4}\n{"id":1}\n');
  const watched = watchStepped([run.state]);
  expect(watched.row('w')).toMatchObject({ inboxCount: 3, outboxCount: 1, state: 'busy' });
  run.put('w', 'worker-spec.json', '{"inbox":"three","outbox":"four","heartbeat":"heartbeat.json"}');
  watched.look('w');
  expect(watched.row('w')).toMatchObject({ inboxCount: 2, outboxCount: null, state: 'busy' });
  expect(watched.row('w').reason).toBe('Works on 2 tasks of its inbox');
  run.put('w', 'four', '{"task_id":4}\n{"task_id":1}\n');
  watched.look('w');
  expect(watched.row('w')).toMatchObject({ outboxCount: 2, state: 'ready' });
});

/** Make a link, and name a path through it. */
function linked(target: string, link: string, rest: string): string {
  symlinkSync(target, link);
  return `${link}/${rest}`;
}
