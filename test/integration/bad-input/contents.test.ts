import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { beat, makeRun, watchStepped } from '../support/watched-run';

const BINARY = Uint8Array.from({ length: 4096 }, (_, at) => (at * 131 + 7) % 256);

/** What may stand in a heartbeat, and what is said of it. */
const HEARTBEATS: [name: string, content: string | Uint8Array, state: string, reason: RegExp][] = [
  ['empty', '', 'stalled', /^Invalid heartbeat JSON: it is empty$/],
  ['blank', ' \n\t', 'stalled', /^Invalid heartbeat JSON: it is empty$/],
  ['truncated', '{"status":"busy","ts":"2026-0', 'stalled', /^Invalid heartbeat JSON: /],
  ['binary', BINARY, 'stalled', /^Invalid heartbeat JSON: /],
  ['a number', '7', 'stalled', /^Invalid heartbeat JSON: it is not a JSON object$/],
  ['null', 'null', 'stalled', /^Invalid heartbeat JSON: it is not a JSON object$/],
  ['a list', '[]', 'stalled', /^Invalid heartbeat JSON: it is not a JSON object$/],
  ['two objects', `${beat()}${beat()}`, 'stalled', /^Invalid heartbeat JSON: /],
  ['an empty object', '{}', 'stalled', /^Heartbeat has no timestamp: there is no "ts"$/],
  ['deeply nested', '['.repeat(60_000), 'stalled', /^Invalid heartbeat JSON: /],
  [
    'too long',
    beat({ message: 'm'.repeat(65_536) }),
    'dead',
    /^Cannot read heartbeat: it has \d+ bytes; allowed are 65536$/,
  ],
  ['with a byte order mark', `\ufeff${beat()}`, 'ready', /^Heartbeat on time$/],
  ['as long as is allowed', beat().padEnd(65_536, ' '), 'ready', /^Heartbeat on time$/],
];

describe('a heartbeat that is', () => {
  test.each(HEARTBEATS)('%s gets a verdict of its own', (_name, content, state, reason) => {
    const run = makeRun();
    run.well('left');
    run.put('middle', 'worker-spec.json', '{}');
    run.put('middle', 'heartbeat.json', content);
    run.well('right');
    const watched = watchStepped([run.state]);
    expect(watched.names()).toEqual(['left', 'middle', 'right']);
    const { state: got, reason: why } = watched.row('middle');
    expect(got).toBe(state);
    expect(why).toMatch(reason);
    expect([watched.row('left').health, watched.row('right').health]).toEqual(['healthy', 'healthy']);
    expect(watched.monitor.roots()).toEqual([{ path: run.state, workers: 3, unreadable: null }]);
  });

  test('missing is starting within the grace and then dead, once', () => {
    const run = makeRun();
    run.well('well');
    run.put('silent', 'worker-spec.json', '{}');
    const watched = watchStepped([run.state]);
    expect(watched.row('silent')).toMatchObject({ state: 'starting', health: 'unknown' });
    watched.step(31_000);
    expect(watched.row('silent')).toMatchObject({ state: 'dead', reason: 'Heartbeat file missing' });
    watched.step(60_000);
    expect(watched.told('silent')).toEqual(['dead']);
  });
});

/** What may stand in a spec, and what the row says. */
const SPECS: [name: string, content: string | Uint8Array, problem: RegExp][] = [
  ['empty', '', /Broken worker-spec.json: it is empty$/],
  ['truncated', '{"name":"w', /Broken worker-spec.json: /],
  ['binary', BINARY, /Broken worker-spec.json: /],
  ['no object', '"spec"', /Broken worker-spec.json: it is not a JSON object$/],
  ['of a wrong type', '{"name":["a"]}', /Broken worker-spec.json: "name" is wrong: /],
  ['naming an empty path', '{"inbox":""}', /Broken worker-spec.json: "inbox" is wrong: /],
  ['naming a path with NUL', '{"outbox":"a\\u0000b"}', /Broken worker-spec.json: "outbox" is wrong: /],
  [
    'too long',
    `{"name":"w"}${' '.repeat(262_144)}`,
    /Cannot read worker-spec.json: it has 262156 bytes; allowed are 262144$/,
  ],
];

describe('a spec that is', () => {
  test.each(SPECS)(
    '%s is a row that says so, named after the directory and judged all the same',
    (_name, content, problem) => {
      const run = makeRun();
      run.well('left');
      run.put('middle', 'worker-spec.json', content);
      run.put('middle', 'heartbeat.json', beat());
      run.well('right');
      const watched = watchStepped([run.state]);
      const row = watched.row('middle');
      expect(row).toMatchObject({ name: 'middle', state: 'ready', health: 'healthy' });
      expect(row.reason).toMatch(problem);
      const faults = watched.report('middle').evidence.filter(({ level }) => level === 'fault');
      expect(faults).toEqual([expect.objectContaining({ kind: 'spec', text: expect.stringMatching(problem) })]);
      for (const name of ['left', 'right'])
        expect(watched.row(name)).toMatchObject({ health: 'healthy', reason: 'Heartbeat on time' });
    },
  );

  test('missing beside a heartbeat makes no difference', () => {
    const run = makeRun();
    run.put('bare', 'heartbeat.json', beat());
    const watched = watchStepped([run.state]);
    expect(watched.row('bare')).toMatchObject({ name: 'bare', state: 'ready', reason: 'Heartbeat on time' });
  });

  test('mended is taken over', () => {
    const run = makeRun();
    run.put('w', 'worker-spec.json', '{"name":');
    run.put('w', 'heartbeat.json', beat());
    const watched = watchStepped([run.state]);
    run.put('w', 'worker-spec.json', '{"name":"mended","role":"coder"}');
    watched.look('w');
    expect(watched.row('w')).toMatchObject({ name: 'mended', role: 'coder', reason: 'Heartbeat on time' });
  });
});

test('a directory with neither spec nor heartbeat is no worker, nor is a file', () => {
  const run = makeRun();
  run.well('worker');
  mkdirSync(join(run.workers, 'empty'));
  run.put('notes', 'README', 'no worker');
  rmSync(join(run.workers, 'notes/../plain'), { force: true });
  run.put('.', 'plain', 'a file');
  expect(watchStepped([run.state]).names()).toEqual(['worker']);
});
