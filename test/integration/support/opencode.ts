import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fetchProgram } from './npm-program';
import type { RealProcesses, Running } from './real-processes';
import type { StandIn } from './stand-in';
import { waitFor } from './wait-for';

/** An OpenCode server of a test's own: the real program, its home below `base`, and the stand-in for its model. */
export interface OpenCode {
  /** Without user and password. */
  url: string;
  port: number;
  /** Its own process; another one after each start. */
  readonly pid: number;
  /** The directory it was started in. */
  directory: string;
  /** A folder below its home in which sessions may work. */
  folder(name: string): string;
  /** Begin a session with this title and have it do what the prompt says; its id. */
  prompt(title: string, prompt: string, directory?: string): Promise<string>;
  /** Go on with a session. */
  say(sessionId: string, prompt: string, directory?: string): Promise<void>;
  /** Ids of the sessions it calls busy, of all folders that were used. */
  busy(): Promise<string[]>;
  ask(path: string, body?: object): Promise<unknown>;
  /** What it has logged so far. */
  log(): string;
  /** End its process, at once. */
  kill(): Promise<void>;
  /** Start it anew, at the same port. */
  start(): Promise<void>;
}

export interface OpenCodeOptions {
  password?: string;
  /** Merged into its configuration. */
  config?: object;
}

/** The version all this was tried with. */
export function fetchOpenCode(): string | null {
  return fetchProgram('opencode-ai', '1.18', 'opencode');
}

/** At the first prompt in a home it fetches what it wants to have, and answers nothing else meanwhile. */
const ASK_MS = 60_000;

/** Start a server that answers. It ends with `processes`, with all it started. */
export async function makeOpenCode(
  program: string,
  base: string,
  standIn: StandIn,
  processes: RealProcesses,
  { password, config = {} }: OpenCodeOptions = {},
): Promise<OpenCode> {
  const home = join(base, 'opencode-home');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folders = new Set<string>();
  const folder = (name: string) => {
    const path = join(home, name);
    mkdirSync(path, { recursive: true });
    folders.add(path);
    return path;
  };
  const directory = folder('work');
  writeConfig(home, standIn, config);
  let running: Running | null = null;

  async function ask(path: string, body?: object): Promise<unknown> {
    const headers: Record<string, string> = body ? { 'content-type': 'application/json' } : {};
    if (password) headers.authorization = `Basic ${Buffer.from(`opencode:${password}`).toString('base64')}`;
    const method = body ? 'POST' : 'GET';
    const sent = body && { body: JSON.stringify(body) };
    const answer = await fetch(`${url}${path}`, { method, headers, ...sent, signal: AbortSignal.timeout(ASK_MS) });
    if (!answer.ok) throw new Error(`${method} ${path}: HTTP ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text ? JSON.parse(text) : null;
  }

  const it: OpenCode = {
    url,
    port,
    get pid() {
      return running?.pid ?? 0;
    },
    directory,
    folder,
    ask,
    log: () => readFileSync(join(home, '.local', 'share', 'opencode', 'log', 'opencode.log'), 'utf8'),
    async prompt(title, prompt, where = directory) {
      const session = (await ask(`/session?directory=${encodeURIComponent(where)}`, { title })) as { id: string };
      await it.say(session.id, prompt, where);
      return session.id;
    },
    async say(sessionId, prompt, where = directory) {
      const parts = [{ type: 'text', text: prompt }];
      await ask(`/session/${sessionId}/prompt_async?directory=${encodeURIComponent(where)}`, { parts });
    },
    async busy() {
      const statusesOf = (where: string) => ask(`/session/status?directory=${encodeURIComponent(where)}`);
      const statuses = await Promise.all([...folders].map(statusesOf));
      return statuses.flatMap((each) => Object.keys(each as object));
    },
    async kill() {
      const pid = it.pid;
      process.kill(pid, 'SIGKILL');
      await waitFor('the server has ended', () => !processes.isAlive(pid));
    },
    async start() {
      running = processes.run(program, ['serve', '--port', String(port)], {
        cwd: directory,
        env: environmentOf(home, password),
        stdio: 'ignore',
      });
      // A question that comes while it starts may never be answered.
      await waitFor('the server answers', () => isHealthy(url, password), 60_000);
    },
  };
  await it.start();
  return it;
}

function writeConfig(home: string, standIn: StandIn, config: object): void {
  const folder = join(home, '.config', 'opencode');
  mkdirSync(folder, { recursive: true });
  const model = 'local/stand-in';
  const limit = { context: 100_000, output: 4_000 };
  const provider = {
    npm: '@ai-sdk/openai-compatible',
    name: 'local',
    options: { baseURL: standIn.url, apiKey: 'none' },
    models: { 'stand-in': { name: 'stand-in', limit } },
  };
  const all = { model, small_model: model, share: 'disabled', autoupdate: false, provider: { local: provider } };
  writeFileSync(join(folder, 'opencode.json'), JSON.stringify({ ...all, ...config }));
}

function environmentOf(home: string, password?: string): Record<string, string> {
  return {
    HOME: home,
    PATH: process.env.PATH ?? '',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    ...(password && { OPENCODE_SERVER_PASSWORD: password }),
  };
}

async function isHealthy(url: string, password?: string): Promise<boolean> {
  const headers: Record<string, string> = password
    ? { authorization: `Basic ${Buffer.from(`opencode:${password}`).toString('base64')}` }
    : {};
  try {
    const answer = await fetch(`${url}/global/health`, { headers, signal: AbortSignal.timeout(1_000) });
    return answer.ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
