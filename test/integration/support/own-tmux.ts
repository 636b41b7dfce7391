import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { waitFor } from './wait-for';

/** Where tmux is on this machine; empty where there is none: then what needs a real server is left out. */
export const TMUX_PROGRAM = spawnSync('sh', ['-c', 'command -v tmux'], { encoding: 'utf8' }).stdout.trim();

/** A tmux server of the test's own, with none of the user's settings. It begins with its first session. */
export interface OwnTmux {
  environment: Record<string, string | undefined>;
  /** Start a session that runs a shell command in a directory. */
  start(name: string, command?: string, directory?: string): void;
  run(...args: string[]): string;
  names(): string[];
}

export function ownTmux(): OwnTmux {
  const directory = mkdtempSync(join(tmpdir(), 'idlewatch-tmux-'));
  const { TMUX: _server, ...inherited } = process.env;
  const environment = { ...inherited, TMUX_TMPDIR: directory };
  const run = (...args: string[]) =>
    execFileSync('tmux', ['-u', '-f', '/dev/null', ...args], { env: environment, encoding: 'utf8', stdio: 'pipe' });
  const names = () => {
    try {
      return run('list-sessions', '-F', '#{session_name}').trim().split('\n');
    } catch {
      return []; // No server runs.
    }
  };
  onTestFinished(async () => {
    try {
      run('kill-server');
    } catch {
      // It has ended already.
    }
    await waitFor('the server has ended', () => names().length === 0);
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    environment,
    start: (name, command = 'sleep 300', cwd = directory) =>
      void run('new-session', '-d', '-s', name, '-c', cwd, command),
    run,
    names,
  };
}
