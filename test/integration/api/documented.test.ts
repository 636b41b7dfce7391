import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { realProcesses } from '../support/real-processes';
import { type ServedApi, servedApi } from '../support/served-api';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8');
const BLOCKS = [...PAGE.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
const CURL_BLOCKS = BLOCKS.filter((text) => text.startsWith('curl '));

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const processes = realProcesses();
afterEach(() => processes.endAll());

/** A worker with a process of its own; what its id is in an address, by the line of the page that says so. */
async function worker(api: ServedApi): Promise<string> {
  mkdirSync(api.directoryOf('coder'), { recursive: true });
  const { pid } = await processes.start('sleeper.mjs', [], { cwd: api.directoryOf('coder') });
  const id = api.beat('coder', { pid });
  await api.worker(id, (row) => row.pid === pid);
  const line = BLOCKS.find((text) => text.startsWith('ID=')) ?? '';
  const ours = line.replace('worker-directory:/home/me/my-run/workers/coder', id);
  expect(ours).not.toBe(line);
  return spawnSync('sh', ['-ec', `${ours}\nprintf %s "$ID"`], { encoding: 'utf8' }).stdout;
}

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Run lines as they stand; a stream (`-N`) until its first event has come. */
function run(lines: string, environment: Record<string, string>): Promise<Ran> {
  const isStream = lines.startsWith('curl -N');
  const env = { PATH: process.env.PATH ?? '', ...environment };
  const child: ChildProcess = spawn('sh', ['-ec', isStream ? `exec ${lines}` : lines], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ran: Ran = { code: null, stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    ran.stdout += text;
    if (isStream && /\ndata: .*\n\n/.test(ran.stdout)) child.kill();
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    ran.stderr += text;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ ...ran, code: isStream && code === null ? 0 : code }));
  });
}

describe.runIf(hasCurl && process.platform === 'linux')('docs/api.md', () => {
  it('has a line for every endpoint that is not for the page alone', async () => {
    const api = await servedApi();
    const { paths } = (await api.ask('/api/openapi.json')).json as { paths: Record<string, object> };
    const told = CURL_BLOCKS.join('\n');
    const without = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).flatMap((method) => {
        const address = path
          .replace('{id}', '$ID')
          .replace('{name}', 'my-agent')
          .replace('{command}', 'history.points');
        const isTold = CURL_BLOCKS.some((text) => {
          const asked = /-X (\w+)/.exec(text)?.[1] ?? 'GET';
          return asked === method.toUpperCase() && new RegExp(`\\$PORT${escaped(address)}["?]`).test(text);
        });
        return isTold ? [] : [path];
      }),
    );
    expect(without).toEqual(['/api/sign-in', '/api/sign-out', '/api/desk/focus']);
    expect(told).not.toMatch(/[0-9]{2,5}\/api/);
  });

  it.each(CURL_BLOCKS.map((text) => [text]))('%s', async (lines) => {
    const api = await servedApi();
    // So that there is an event to tell.
    api.station.engine.monitor.noteEvent('kill_intent', null, 'for a test');
    const environment = { PORT: String(api.door.port), TOKEN: api.token.read(), ID: await worker(api) };
    const { code, stdout, stderr } = await run(lines, environment);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    if (lines.startsWith('curl -N')) expect(stdout).toMatch(/\n(id: \d+\n)?event: \w+\ndata: \{/);
    else if (lines.includes('/metrics')) expect(stdout).toMatch(/^idlewatch_overall\{state="busy"\} /m);
    else expect(JSON.parse(stdout)).not.toHaveProperty('error');
  });

  it('the errors it shows are the errors that come', async () => {
    const api = await servedApi();
    const [, shown = ''] = /Errors are JSON as well: `(.*)`\./.exec(PAGE) ?? [];
    expect((await api.ask('/api/history?range=1y')).json).toEqual(JSON.parse(shown));
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
