import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Demo, startDemo } from '../../src/host/demo-scene';
import { buildPrograms, type Programs } from './support/programs';
import { waitFor } from './support/wait-for';
import { endProcessesNaming, processesNaming, readLines } from './support/worker-directory';

const BEHAVIOURS = ['bursty', 'busy-silent', 'crashes', 'finishes', 'stalls', 'steady', 'stubborn', 'waiting'];

let programs: Programs;
let base: string;
const demos: Demo[] = [];

beforeAll(async () => {
  programs = await buildPrograms(['demo']);
  base = mkdtempSync(join(tmpdir(), 'idlewatch-scene-test-'));
});

afterEach(async () => {
  await Promise.all(demos.splice(0).map((demo) => demo.stop()));
});

afterAll(() => {
  endProcessesNaming(base);
  rmSync(base, { recursive: true, force: true });
  programs?.remove();
});

async function demo(speed = 20): Promise<Demo> {
  const started = await startDemo({
    execPath: process.execPath,
    scriptPath: programs.demo,
    directory: join(base, 'demo'),
    speed,
  });
  demos.push(started);
  return started;
}

/** The workers that are meant to live, and the two children of the stubborn one. */
async function wholeScene(directory: string): Promise<number[]> {
  return await waitFor('the scene is complete: two have ended, two are children', () => {
    const pids = processesNaming(join(directory, 'workers'));
    const ended = ['crashes', 'finishes'].every((name) => !processesNaming(join(directory, 'workers', name)).length);
    return ended && pids.length === BEHAVIOURS.length - 2 + 2 ? pids : null;
  });
}

test('a scene has one worker of every behaviour; stopping ends them all and removes its directory', async () => {
  const { directory, stop } = await demo();
  expect(readdirSync(join(directory, 'workers')).sort()).toEqual(BEHAVIOURS);
  await wholeScene(directory);
  await stop();
  expect(processesNaming(directory)).toEqual([]);
  expect(existsSync(directory)).toBe(false);
  await stop();
});

test('ending one scene leaves a second one, and what else lies beside it, alone', async () => {
  const first = await demo();
  const second = await demo();
  const bystander = join(base, 'demo', 'notes.txt');
  writeFileSync(bystander, 'mine');
  const pids = await wholeScene(second.directory);
  await first.stop();
  expect(existsSync(bystander)).toBe(true);
  expect(processesNaming(join(second.directory, 'workers'))).toEqual(pids);
  const outbox = join(second.directory, 'workers/steady/outbox.jsonl');
  const done = readLines(outbox).length;
  await waitFor('the second goes on working', () => readLines(outbox).length > done);
});

test('a worker that a person has ended is not started again, and the others live', async () => {
  const { directory } = await demo();
  const pids = await wholeScene(directory);
  const [stalled] = processesNaming(join(directory, 'workers/stalls'));
  process.kill(stalled!, 'SIGTERM');
  await waitFor('it has ended', () => !processesNaming(join(directory, 'workers/stalls')).length);
  expect(processesNaming(join(directory, 'workers'))).toEqual(pids.filter((pid) => pid !== stalled));
});

test('when the starter is killed outright, all its workers end, the stubborn one and its children too', async () => {
  const starter = spawn(process.execPath, [programs.demo, 'scene', '--json', '--directory', base, '--speed', '20'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const directory = await new Promise<string>((done) =>
    createInterface({ input: starter.stdout }).once('line', (line) => done(JSON.parse(line).directory)),
  );
  await wholeScene(directory);
  starter.kill('SIGKILL');
  await waitFor('no worker is left', () => processesNaming(directory).length === 0);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a scene cleanly: exit 0, nothing left', async (signal) => {
  const starter = spawn(process.execPath, [programs.demo, 'scene', '--directory', base, '--speed', '20'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = new Promise((done) => starter.on('exit', (code, ended) => done(code ?? ended)));
  let said = '';
  starter.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const directory = await waitFor('how to watch it', () => said.match(/npm start -- --worker-dir (\S+)/)?.[1]);
  await wholeScene(directory);
  starter.kill(signal);
  starter.kill(signal);
  expect(await exit).toBe(0);
  expect(existsSync(directory)).toBe(false);
  expect(processesNaming(directory)).toEqual([]);
});

test('a demo that cannot start says why', async () => {
  const file = join(base, 'a-file');
  writeFileSync(file, '');
  const options = { execPath: process.execPath, scriptPath: programs.demo, speed: 1 };
  await expect(startDemo({ ...options, directory: file })).rejects.toThrow(/a-file/);
  await expect(startDemo({ ...options, speed: 0 })).rejects.toThrow(
    /ended at once: --speed is 0; allowed is a number from 0.1/,
  );
  await expect(startDemo({ ...options, execPath: join(base, 'no-node') })).rejects.toThrow(/cannot be started.*ENOENT/);
});
