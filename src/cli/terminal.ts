import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Context, EXIT_WELL, type Look } from './command';

const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** As shells have it: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** Told when a person breaks off a question, with Ctrl-C or by closing the input. */
export class InterruptedError extends Error {}

const warn = (message: string): void => void process.stderr.write(`idlewatch: ${message}\n`);

/** This process as a command's context. */
export function createContext(): Context {
  return {
    environment: process.env,
    directory: process.cwd(),
    out: (text) => void process.stdout.write(text),
    warn,
    look: look(),
    ask: process.stdin.isTTY && process.stdout.isTTY ? ask : null,
    taken,
    untilEnded,
    uninterrupted,
  };
}

/**
 * Whoever reads the output may have seen enough (`idlewatch status | head`): that is no error, and keeps nobody from
 * doing to its end what was begun.
 */
export function mindPipes(onUnwritable: () => void): void {
  const isGone = (error: NodeJS.ErrnoException) => error.code === 'EPIPE';
  process.stdout.on('error', (error) => {
    if (isGone(error)) return;
    warn(`the answer cannot be written: ${error.message}`);
    onUnwritable();
  });
  // Nowhere is left to say it.
  process.stderr.on('error', () => undefined);
}

function look(): Look {
  const { isTTY, columns } = process.stdout;
  const color = isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return { color, columns: isTTY && columns ? columns : null };
}

/** Everything but a plain yes is a no. */
function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  return new Promise((done, fail) => {
    lines.question(`${question} [y/N] `, (answer) => {
      done(/^\s*y(es)?\s*$/i.test(answer));
      lines.close();
    });
    // After an answer both come too late to matter.
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => {
      process.stdout.write('\n');
      fail(new InterruptedError('no answer was given; nothing was done'));
    });
  });
}

async function taken(signal: AbortSignal): Promise<void> {
  if (!process.stdout.writableNeedDrain) return;
  // Whoever is gone takes no more; the signal tells.
  await once(process.stdout, 'drain', { signal }).catch(() => undefined);
}

async function untilEnded(run: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const ending = new AbortController();
  let code: number | null = null;
  const end = (endCode: number): void => {
    code ??= endCode;
    ending.abort();
  };
  const unread = (): void => end(EXIT_WELL);
  const hearers = INTERRUPTIONS.map((name) => ({ name, hear: () => end(EXIT_CODES[name]) }));
  // A second time ends this process at once.
  for (const { name, hear } of hearers) process.once(name, hear);
  process.stdout.once('error', unread);
  try {
    const own = await run(ending.signal);
    return code ?? own;
  } catch (error) {
    if (code !== null) return code;
    throw error;
  } finally {
    for (const { name, hear } of hearers) process.off(name, hear);
    process.stdout.off('error', unread);
  }
}

async function uninterrupted<T>(what: string, run: () => Promise<T>): Promise<T> {
  const told = (): void => {
    warn(`${what} goes on to its end; a second time ends idlewatch and leaves it half done`);
    release();
  };
  const release = (): void => {
    for (const name of INTERRUPTIONS) process.off(name, told);
  };
  for (const name of INTERRUPTIONS) process.on(name, told);
  try {
    return await run();
  } finally {
    release();
  }
}
