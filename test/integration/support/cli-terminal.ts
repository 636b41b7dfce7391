import { type IPty, spawn } from '@lydell/node-pty';
import { onTestFinished } from 'vitest';
import { waitFor } from './wait-for';

/** The built CLI on a terminal of its own, with a person at the keyboard. */
export interface TerminalRun {
  /** All that was shown so far. */
  shown(): string;
  /** Wait until `text` is shown. */
  until(text: string): Promise<void>;
  type(keys: string): void;
  /** Its exit code, once it has ended. */
  ended: Promise<number>;
}

export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';

export function runOnTerminal(script: string, args: string[], env: Record<string, string>): TerminalRun {
  const terminal: IPty = spawn(process.execPath, [script, ...args], {
    cols: 200,
    rows: 50,
    env: { ...env, TERM: 'xterm' },
  });
  let shown = '';
  terminal.onData((data) => {
    shown += data;
  });
  let isOver = false;
  const ended = new Promise<number>((done) => {
    terminal.onExit(({ exitCode, signal }) => {
      isOver = true;
      done(signal ? 128 + signal : exitCode);
    });
  });
  onTestFinished(() => {
    if (!isOver) terminal.kill('SIGKILL');
  });
  return {
    shown: () => shown,
    until: async (text) => {
      await waitFor(`"${text}" on the terminal, which shows ${JSON.stringify(shown)}`, () => shown.includes(text));
    },
    type: (keys) => terminal.write(keys),
    ended,
  };
}
