import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { buildPrograms, type Programs } from './support/programs';
import { waitFor } from './support/wait-for';
import { endProcessesNaming, fingerprint, processesNaming, readJson, readLines } from './support/worker-directory';

let programs: Programs;
let base: string;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  programs = await buildPrograms(['demo']);
  base = mkdtempSync(join(tmpdir(), 'idlewatch-demo-test-'));
});

afterEach(async () => {
  for (const child of running) {
    child.stdin?.end();
    child.kill('SIGKILL');
  }
  running.clear();
  await waitFor('no process of the test is left', () => processesNaming(base).length === 0);
});

afterAll(() => {
  endProcessesNaming(base);
  rmSync(base, { recursive: true, force: true });
  programs?.remove();
});

interface Started {
  child: ChildProcess;
  directory: string;
  file(name: string): string;
  exit: Promise<number | string | null>;
}

function start(behaviour: string, name = behaviour, speed = 40): Started {
  const directory = join(base, name);
  const args = ['worker', '--behaviour', behaviour, '--directory', directory, '--speed', String(speed)];
  const child = spawn(process.execPath, [programs.demo, ...args, '--until-stdin-closes'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  running.add(child);
  const exit = new Promise<number | string | null>((done) => child.on('exit', (code, signal) => done(code ?? signal)));
  return { child, directory, file: (file) => join(directory, file), exit };
}

/** The time it takes another worker to do two more tasks: what a test waits for when nothing may happen. */
async function whileAnotherWorks(other: Started): Promise<void> {
  const done = readLines(other.file('outbox.jsonl')).length;
  await waitFor('another worker goes on', () => readLines(other.file('outbox.jsonl')).length >= done + 2);
}

/** A worker that hangs in its second task, once it hangs. */
async function startHanging(behaviour: string, name: string): Promise<Started> {
  const worker = start(behaviour, name);
  await waitFor(`${behaviour} hangs in its second task`, () => {
    const types = readLines(worker.file('wire-events.jsonl')).map((line) => (line.params as { type: string }).type);
    return types.slice(types.indexOf('TurnEnd')).join() === 'TurnEnd,TurnBegin,ToolCall,ToolResult';
  });
  return worker;
}

test('steady beats with its pid and answers task after task', async () => {
  const worker = start('steady');
  await waitFor('two results', () => readLines(worker.file('outbox.jsonl')).length >= 2);

  expect(readJson(worker.file('worker-spec.json'))).toMatchObject({
    name: 'steady',
    role: 'coder',
    inbox: worker.file('inbox.jsonl'),
    outbox: worker.file('outbox.jsonl'),
    heartbeat: worker.file('heartbeat.json'),
  });
  const given = readLines(worker.file('inbox.jsonl')).map((line) => line.id);
  const answered = readLines(worker.file('outbox.jsonl')).map((line) => line.task_id);
  expect(given.slice(0, answered.length)).toEqual(answered);

  const beat = await waitFor('a beat that names a task', () => {
    const now = readJson(worker.file('heartbeat.json'));
    return now?.task ? now : null;
  });
  expect(beat).toMatchObject({ status: 'working', name: 'steady', pid: worker.child.pid });
  expect(beat.ts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(Math.abs(Date.now() - Date.parse(String(beat.ts)))).toBeLessThan(10_000);
  await waitFor('the next beat', () => readJson(worker.file('heartbeat.json'))?.ts !== beat.ts);
});

test('bursty rests, then writes many wire events and several results at once', async () => {
  const worker = start('bursty');
  await waitFor('a burst', () => readLines(worker.file('outbox.jsonl')).length >= 3);
  const types = readLines(worker.file('wire-events.jsonl')).map((line) => (line.params as { type: string }).type);
  expect(types.filter((type) => type === 'ToolCall').length).toBeGreaterThanOrEqual(30);
});

test('busy-silent writes wire events and no heartbeat while it has an unanswered task', async () => {
  const worker = start('busy-silent', 'busy-silent', 10);
  const wire = () => readLines(worker.file('wire-events.jsonl')).length;
  await waitFor('it works', () => wire() > 2);
  const beat = readJson(worker.file('heartbeat.json'));
  const before = wire();
  await waitFor('it goes on working', () => wire() >= before + 6);
  expect(readJson(worker.file('heartbeat.json'))).toEqual(beat);
  expect(beat).toMatchObject({ status: 'alive', pid: worker.child.pid });
  expect(readLines(worker.file('inbox.jsonl'))).toHaveLength(1);
  expect(readLines(worker.file('outbox.jsonl'))).toHaveLength(0);
});

test('waiting asks a person and goes on beating', async () => {
  const worker = start('waiting');
  const beat = await waitFor('it waits', () => {
    const now = readJson(worker.file('heartbeat.json'));
    return now?.status === 'waiting' ? now : null;
  });
  expect(beat.message).toMatch(/\?$/);
  await waitFor('it beats again', () => {
    const now = readJson(worker.file('heartbeat.json'));
    return now?.ts !== beat.ts && now?.status === 'waiting';
  });
});

test('finishes has a spec before its first heartbeat, says that it stops, and ends with exit 0', async () => {
  const worker = start('finishes', 'finishes', 20);
  await waitFor('its spec', () => readJson(worker.file('worker-spec.json')));
  expect(readJson(worker.file('heartbeat.json'))).toBeNull();
  expect(await worker.exit).toBe(0);
  expect(readJson(worker.file('heartbeat.json'))).toMatchObject({ status: 'stopped' });
  expect(readLines(worker.file('outbox.jsonl'))).toHaveLength(2);
});

test('stalls lives on in silence, busy with a task and without an open tool call', async () => {
  const steady = start('steady', 'clock');
  const worker = await startHanging('stalls', 'stalls');
  const before = fingerprint(worker.directory);
  await whileAnotherWorks(steady);
  expect(fingerprint(worker.directory)).toBe(before);
  expect(worker.child.exitCode).toBeNull();
  const beat = readJson(worker.file('heartbeat.json'));
  expect(beat).toMatchObject({ status: 'working', task: { id: 'task-2' } });
  expect(beat?.task).not.toHaveProperty('started_at');
});

test('crashes ends with exit 1 and the reason in its log', async () => {
  const worker = start('crashes');
  expect(await worker.exit).toBe(1);
  expect(readJson(worker.file('heartbeat.json'))).toMatchObject({ status: 'working', pid: worker.child.pid });
  expect(readFileSync(worker.file('agent.log'), 'utf8')).toContain('fatal: TypeError: ');
});

test('stubborn and its children ignore SIGTERM, and end when their starter does', async () => {
  const steady = start('steady', 'clock-2');
  const worker = await startHanging('stubborn', 'stubborn');
  const family = await waitFor('its two children', () => {
    const pids = processesNaming(worker.directory);
    return pids.length === 3 ? pids : null;
  });
  for (const pid of family) process.kill(pid, 'SIGTERM');
  await whileAnotherWorks(steady);
  expect(processesNaming(worker.directory)).toEqual(family);

  worker.child.stdin?.end();
  await waitFor('all three have ended', () => processesNaming(worker.directory).length === 0);
});
