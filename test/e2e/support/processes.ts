import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import { resolveElectron } from '../../../scripts/setup/electron-runtime.mjs';
import { type Home, launchArgs } from './app';

/** Whether a process runs; one that has ended and only waits to be reaped does not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
  } catch {
    return false;
  }
}

export interface Ended {
  code: number | null;
  stderr: string;
}

/** The app started as a person does it, without a test's hands inside. */
export class PlainStart {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;
  #stderr = '';

  constructor(home: Home, busAddress: string, args: string[]) {
    this.#child = spawn(resolveElectron().path, launchArgs(home, args), {
      env: home.environment(busAddress),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#ended = once(this.#child, 'close').then(([code]) => ({ code: code as number | null, stderr: this.#stderr }));
  }

  ended(): Promise<Ended> {
    return this.#ended;
  }

  /** The port of `--remote-debugging-port=0`. */
  async debuggingPort(): Promise<string> {
    const port = () => /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(this.#stderr)?.[1] ?? '';
    await expect.poll(port).not.toBe('');
    return port();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the app did not start');
    return this.#child.pid;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
