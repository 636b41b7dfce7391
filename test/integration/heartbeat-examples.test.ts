import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPrograms, type Programs } from './support/programs';
import { cleanEnvironment, runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';
import { readJson } from './support/worker-directory';

const DOCUMENT = readFileSync(resolve(import.meta.dirname, '../../docs/heartbeat.md'), 'utf8');

let programs: Programs;
let base: string;

beforeAll(async () => {
  programs = await buildPrograms(['cli']);
  base = mkdtempSync(join(tmpdir(), 'idlewatch-examples-'));
});

afterAll(() => {
  rmSync(base, { recursive: true, force: true });
  programs?.remove();
});

/** The example in the document, which is one line. */
function example(language: string): string {
  const block = new RegExp(`\`\`\`${language}\n(.*)\n\`\`\``).exec(DOCUMENT);
  if (!block?.[1]) throw new Error(`docs/heartbeat.md has no one-line example in ${language}`);
  return block[1];
}

/** Each runs the example and then lives until its standard input closes. */
const LANGUAGES: [string, (code: string) => [string, ...string[]]][] = [
  ['sh', (code) => ['sh', '-c', `${code}\nread _`]],
  ['python', (code) => ['python3', '-c', `${code}\nimport sys; sys.stdin.read()`]],
  ['js', (code) => [process.execPath, '-e', `${code}\nprocess.stdin.resume()`]],
];

test.each(LANGUAGES)('the example in %s makes a healthy worker with a known process', async (language, command) => {
  const directory = join(base, `${language}-agent`);
  mkdirSync(directory);
  const [program, ...args] = command(example(language));
  const agent = spawn(program, args, {
    env: { ...process.env, IDLEWATCH_WORKER_DIR: directory },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  try {
    await waitFor('its heartbeat', () => readJson(join(directory, 'heartbeat.json')));
    const run = await runCli(programs.cli, ['status', '--json', '--worker-dir', directory], cleanEnvironment(base));
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toMatchObject({
      overall: 'busy',
      workers: [
        {
          name: `${language}-agent`,
          state: 'busy',
          health: 'healthy',
          liveness: 'alive',
          pid: agent.pid,
          heartbeatContent: { status: 'working', pid: agent.pid },
        },
      ],
    });
  } finally {
    agent.stdin?.end();
    agent.kill();
  }
});
