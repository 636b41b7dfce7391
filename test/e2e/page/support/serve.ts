import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { openToken } from '../../../../src/host/token';
import { type Home, QUICK, ROOT } from '../../support/app';

/** `idlewatch serve` in a home, running. */
export class Serve {
  readonly #home: Home;
  readonly #child: ChildProcess;
  #output = '';

  /** `port` 0: any that is free; null: as the settings say, which may then be changed. */
  constructor(home: Home, args: string[], port: number | null = 0) {
    this.#home = home;
    const cli = join(ROOT, 'out', 'cli', 'index.js');
    const given = port === null ? [] : ['--api-port', String(port)];
    const all = [cli, 'serve', ...given, '--worker-dirs', home.workers, ...QUICK, ...args];
    this.#child = spawn(process.execPath, all, {
      // There is no bus: whoever asks for one is refused.
      env: home.environment(`unix:path=${join(home.path, 'no-bus')}`),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
  }

  /** Everything it has said. */
  get output(): string {
    return this.#output;
  }

  /** Resolves with the port once it says where its window is. */
  async port(): Promise<number> {
    const said = () => /Window +http:\/\/127\.0\.0\.1:(\d+)\//.exec(this.#output)?.[1] ?? '';
    await expect.poll(said, { message: 'where the window is', timeout: 30_000 }).not.toBe('');
    return Number(said());
  }

  /** What `idlewatch token` prints. */
  get token(): string {
    return openToken(join(this.#home.stateHome, 'idlewatch')).read();
  }

  /** As a program with the token asks it. */
  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}`, ...init.headers };
    return fetch(`http://127.0.0.1:${await this.port()}${path}`, { ...init, headers });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}
