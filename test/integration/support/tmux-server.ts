import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Multiplexer, TerminalSession } from '../../../src/engine/ports';
import { createTmux } from '../../../src/host/tmux';
import type { Killing } from './killing';

/** A real tmux server of the test's own, on a socket of its own. */
export interface TmuxServer {
  multiplexer: Multiplexer;
  /** Run one tmux command; rejects by throwing. */
  run(...args: string[]): string;
  /** Begin a session that runs a shell command; the server and its panes are ended with the test. */
  start(name: string, command: string): Promise<TerminalSession>;
  find(name: string): Promise<TerminalSession>;
}

export function tmuxServer(t: Killing, environment: NodeJS.ProcessEnv = process.env): TmuxServer {
  const folder = join(t.base, 'tmux');
  mkdirSync(folder);
  const { TMUX: _server, TMUX_PANE: _pane, ...inherited } = environment;
  const env = { ...inherited, TMUX_TMPDIR: folder };
  const multiplexer = createTmux({ environment: env });

  function run(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync('tmux', args, { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`tmux ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  async function find(name: string): Promise<TerminalSession> {
    const listed = await multiplexer.sessions();
    const found = listed.ok ? listed.sessions.find((session) => session.name === name) : undefined;
    if (!found) throw new Error(`no tmux session ${name}`);
    for (const pid of [found.serverPid, ...found.panePids]) t.processes.adopt(pid);
    return found;
  }

  return {
    multiplexer,
    run,
    find,
    start(name, command) {
      run('new-session', '-d', '-s', name, command);
      return find(name);
    },
  };
}
