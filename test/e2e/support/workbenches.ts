import { execFileSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './app';

/** Workbenches in a test's home, with a tmux server that nobody else's sessions are on. */
export class Workbenches {
  readonly directory: string;
  /** What the app needs to find the same server. */
  readonly environment: Record<string, string>;

  constructor(home: Home) {
    this.directory = join(home.path, 'workbenches');
    this.environment = { TMUX_TMPDIR: join(home.path, 'tmux') };
    for (const path of [this.directory, join(home.path, 'tmux')]) mkdirSync(path, { recursive: true });
  }

  /** A workbench triggered three hours ago whose log was written to for the last time so long ago. */
  finished(slug: string, agoSecs = 2 * 3600): string {
    return this.#make(slug, agoSecs);
  }

  /** The same with a living session. */
  running(slug: string): { path: string; session: string } {
    return this.#start(this.#make(slug, 2 * 3600));
  }

  #start(path: string): { path: string; session: string } {
    const session = `moadim-${path.slice(this.directory.length + 1)}`;
    this.#tmux('new-session', '-d', '-s', session, '-c', path, 'sleep 300');
    return { path, session };
  }

  /** Triggered ten minutes ago, and at work. */
  young(slug: string): { path: string; session: string } {
    return this.#start(this.#make(slug, 0, 600));
  }

  sessions(): string[] {
    return this.#tmux('list-sessions', '-F', '#{session_name}').trim().split('\n');
  }

  stop(): void {
    try {
      this.#tmux('kill-server');
    } catch {
      // None was started, or it has ended with its last session.
    }
  }

  #make(slug: string, logAgoSecs: number, triggeredAgoSecs = 3 * 3600): string {
    const nowSecs = Math.floor(Date.now() / 1000);
    const path = join(this.directory, `${slug}-${nowSecs - triggeredAgoSecs}`);
    mkdirSync(path, { recursive: true });
    const log = join(path, 'agent.log');
    writeFileSync(log, 'done\n');
    utimesSync(log, nowSecs - logAgoSecs, nowSecs - logAgoSecs);
    return path;
  }

  #tmux(...args: string[]): string {
    const { TMUX: _, ...inherited } = process.env;
    const env = { ...inherited, ...this.environment };
    return execFileSync('tmux', ['-u', '-f', '/dev/null', ...args], { env, encoding: 'utf8', stdio: 'pipe' });
  }
}
