import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { waitFor } from './wait-for';

/** A command of the built CLI that goes on until it is told to end. */
export interface FollowingCli {
  child: ChildProcess;
  /** Whole lines so far. */
  lines(): string[];
  stderr(): string;
  /** The first line from the `from`th on that is as asked for. */
  until(what: string, is: (line: string) => boolean, from?: number): Promise<string>;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | string>;
  end(signal?: NodeJS.Signals): Promise<number | string>;
}

export function followCli(script: string, args: string[], env: Record<string, string>): FollowingCli {
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | string>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => done(code ?? signal ?? 'nothing'));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines = () => stdout.split('\n').slice(0, -1);
  return {
    ...{ child, lines, ended },
    stderr: () => stderr,
    until(what, is, from = 0) {
      const told = () => `${what} of ${args.join(' ')}, which told ${JSON.stringify({ stdout, stderr })}`;
      return waitFor(what, () => lines().slice(from).find(is)).catch(() => Promise.reject(new Error(told())));
    },
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

/** `idlewatch serve`, running. */
export interface Serving extends FollowingCli {
  url: string;
}

/** Start the built `idlewatch serve` on a port of its own, and wait until its API answers. */
export async function serveCli(script: string, args: string[], env: Record<string, string>): Promise<Serving> {
  const serving = followCli(script, ['serve', '--api-port', '0', ...args], env);
  const line = await serving.until('its address', (each) => each.startsWith('Window'));
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';
  return { ...serving, url };
}
