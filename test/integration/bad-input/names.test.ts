import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { beat, makeRun, type Run, type SteppedWatch, watchStepped } from '../support/watched-run';

/** Characters that would move the cursor, turn the text round, break the line or vanish. */
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

const TEXTS: [name: string, text: string, shown: string][] = [
  ['HTML', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['control characters', 'a\u001b[31mb\u0007\nc\u0000d\u009b', 'a␛[31mb␇␊c␀d�'],
  ['bidirectional overrides', 'safe\u202egnp.exe\u2066\u061c', 'safe�gnp.exe��'],
  ['emoji', '🤖 👩‍💻 日本', '🤖 👩‍💻 日本'],
  ['half a surrogate pair', 'a\ud800b', 'a�b'],
];

describe.each(TEXTS)('%s', (_name, text, shown) => {
  test('in the spec is shown harmlessly', () => {
    const run = makeRun();
    run.well('neighbour');
    run.put('w', 'worker-spec.json', JSON.stringify({ name: text, role: text }));
    run.put('w', 'heartbeat.json', beat());
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ name: shown, role: shown, health: 'healthy' });
    expectAllHarmless(watched);
  });

  test('in the heartbeat is shown harmlessly', () => {
    const run = makeRun();
    const task = { id: text, title: text };
    run.put(
      'w',
      'heartbeat.json',
      beat({ status: text, name: text, phase: text, progress: text, message: text, task }),
    );
    run.put('asks', 'heartbeat.json', beat({ status: 'waiting', message: text }));
    run.put('works', 'heartbeat.json', beat({ status: 'busy', task: { title: text } }));
    const watched = watchStepped([run.state]);
    expect(watched.report('w').heartbeatContent).toMatchObject({
      ...{ status: shown, name: shown, phase: shown, progress: shown, message: shown },
      task: { id: shown, title: shown },
    });
    expect(watched.row('asks').reason).toBe(`Asks: ${shown}`);
    expect(watched.row('works').reason).toBe(`Works on “${shown}”`);
    expectAllHarmless(watched);
  });

  test('in wire events and the log is shown harmlessly', () => {
    const run = makeRun();
    const lines = (event: object) => `${JSON.stringify(event)}\n`;
    run.put('runs', 'heartbeat.json', beat({ status: 'busy' }));
    run.put('runs', 'wire-events.jsonl', lines({ type: 'ToolCall', payload: { id: text, name: text } }));
    run.put('asks', 'heartbeat.json', beat({ status: 'busy' }));
    run.put('asks', 'wire-events.jsonl', lines({ type: 'ApprovalRequest', payload: { id: 1, description: text } }));
    run.put('asks', 'agent.log', `first\n${text}\n`);
    const watched = watchStepped([run.state]);
    expect(watched.row('runs').reason).toBe(`Running “${shown}” (allowed 5 min)`);
    expect(watched.row('asks').reason).toBe(`Asks: ${shown}`);
    watched.monitor.focus({ visible: [], selected: watched.row('asks').id });
    watched.step(150);
    // A line break begins a new line of the log; what is left of it is shown.
    const wellFormed = text.toWellFormed().split('\n');
    expect(watched.monitor.snapshot().detail?.logTail?.lines).toHaveLength(1 + wellFormed.length);
    expectAllHarmless(watched);
  });

  test.skipIf(process.platform === 'win32')('in the names of directories and files is shown harmlessly', () => {
    const run = makeRun();
    const directory = text.replaceAll('\0', '').replaceAll('/', '').toWellFormed();
    const said = shown.replaceAll('␀', '').replaceAll('/', '');
    run.put(directory, 'heartbeat.json', beat());
    run.put(directory, `${directory}.log`, 'line\n');
    mkdirSync(join(run.workers, 'linked', `${directory}.dir`), { recursive: true });
    run.put('linked', 'heartbeat.json', beat());
    const watched = watchStepped([run.state]);
    expect(watched.row(directory)).toMatchObject({ name: said, health: 'healthy', reason: 'Heartbeat on time' });
    expect(watched.report(directory).evidence.find(({ kind }) => kind === 'log')?.text).toBe(`${said}.log, 5 B`);
    expectAllHarmless(watched);
  });

  test.skipIf(process.platform === 'win32')(
    'in the name of a file that cannot be read is shown harmlessly',
    async () => {
      const { ODD_FILES } = await import('../support/odd-files');
      const run = makeRun();
      run.put('w', 'heartbeat.json', beat());
      const file = `${text.replaceAll('\0', '').replaceAll('/', '').toWellFormed()}.log`;
      await ODD_FILES[0]?.make(join(run.workers, 'w', file));
      const watched = watchStepped([run.state]);
      expect(watched.row('w').reason).toContain(
        `Cannot read ${shown.replaceAll('␀', '').replaceAll('/', '')}.log: it is a FIFO`,
      );
      expectAllHarmless(watched);
    },
  );
});

describe('10,000 characters', () => {
  const long = 'long '.repeat(2_000);

  test('in the texts of spec, heartbeat, wire events and log are cut', () => {
    const run = makeRun();
    run.put('w', 'worker-spec.json', JSON.stringify({ name: long, role: long }));
    run.put(
      'w',
      'heartbeat.json',
      beat({ status: 'waiting', name: long, message: long, task: { id: long, title: long } }),
    );
    run.put('w', 'wire-events.jsonl', `${JSON.stringify({ type: 'ToolCall', payload: { id: long, name: long } })}\n`);
    run.put('w', 'agent.log', `${long}\n`);
    const watched = watchStepped([run.state]);
    const { name, role, reason, heartbeatContent } = watched.report('w');
    expect([name.length, role?.length, heartbeatContent?.name?.length]).toEqual([121, 121, 121]);
    expect([reason.length, heartbeatContent?.message?.length]).toEqual(['Asks: '.length + 301, 301]);
    expect([heartbeatContent?.task?.id?.length, heartbeatContent?.task?.title?.length]).toEqual([201, 301]);
    watched.monitor.focus({ visible: [], selected: watched.row('w').id });
    watched.step(150);
    expect(watched.monitor.snapshot().detail?.logTail?.lines.map((line) => line.length)).toEqual([501]);
    expect(JSON.stringify(watched.monitor.snapshot()).length).toBeLessThan(12_000);
  });

  test('cut in the middle of an emoji leave no half of it', () => {
    const run = makeRun();
    run.put('w', 'worker-spec.json', JSON.stringify({ name: `a${'🤖'.repeat(5_000)}` }));
    run.put('w', 'heartbeat.json', beat());
    const { name } = watchStepped([run.state]).row('w');
    expect(name.isWellFormed()).toBe(true);
    expect(name).toMatch(/^a(🤖){59}�…$/u);
  });

  test('in a name that is as long as a file system allows are cut', () => {
    const run = makeRun();
    const directory = 'd'.repeat(255);
    run.put(directory, 'heartbeat.json', beat());
    const watched = watchStepped([run.state]);
    expect(watched.row(directory)).toMatchObject({ name: `${'d'.repeat(120)}…`, health: 'healthy' });
  });

  test('in the path of a spec are a problem of the spec alone', () => {
    const run = makeRun();
    run.put('w', 'worker-spec.json', JSON.stringify({ name: 'w', inbox: long }));
    run.put('x', 'worker-spec.json', JSON.stringify({ name: 'x', heartbeat: `${'n'.repeat(300)}.json` }));
    for (const name of ['w', 'x']) run.put(name, 'heartbeat.json', beat());
    const watched = watchStepped([run.state]);
    expect(watched.row('w').reason).toMatch(/^Heartbeat on time · Broken worker-spec.json: "inbox" is wrong: /);
    expect(watched.row('x')).toMatchObject({
      state: 'dead',
      reason: 'Cannot read heartbeat: its name is too long for this file system',
    });
  });
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
  'a worker whose every text is %s is as any other',
  (text) => {
    const run: Run = makeRun();
    run.put(text, 'worker-spec.json', JSON.stringify({ name: text, role: text }));
    run.put(text, 'heartbeat.json', beat({ status: text }));
    run.put(text, 'inbox.jsonl', `{"id":"${text}"}\n`);
    run.put(text, 'wire-events.jsonl', `{"type":"${text}","payload":{"${text}":1}}\n`);
    const watched = watchStepped([run.state]);
    expect(watched.row(text)).toMatchObject({ name: text, state: 'busy', reason: 'Works on 1 task of its inbox' });
  },
);

/** Names of directories go as they are where a program needs them: in ids and paths. All else must be fit to be shown. */
function expectAllHarmless(watched: SteppedWatch): void {
  const { workers, detail, events, sentence } = watched.monitor.snapshot();
  for (const { id } of workers) {
    const { id: _id, path: _path, ...report } = watched.monitor.report(id) ?? { id, path: '' };
    expect(JSON.stringify(report, escaped)).not.toContain('HARMFUL');
  }
  const told = {
    sentence,
    events: events.map(({ workerName, text }) => ({ workerName, text })),
    tail: detail?.logTail,
  };
  expect(JSON.stringify(told, escaped)).not.toContain('HARMFUL');
}

function escaped(_key: string, value: unknown): unknown {
  return typeof value === 'string' && (HARMFUL.test(value) || !value.isWellFormed()) ? `HARMFUL ${value}` : value;
}
