import { constants } from 'node:os';
import type { ReadStream } from 'node:tty';
import type { IPty } from '@lydell/node-pty';
import {
  type CommandEnd,
  CommandNotStartedError,
  type CommandRequest,
  type RunningCommand,
} from '../../engine/command-runner';
import { commandEnvironment } from './environment';
import { whyNotExecutable } from './executable';
import { signalGroupOf } from './group';
import type { Outlets } from './outlets';
import { openSink } from './sink';
import { openOwnTerminal } from './terminal';

/**
 * Start a command on a pseudo-terminal of the size of ours. Ours is raw until the command has ended, so that Ctrl-C and
 * the like are keys, which the command's own terminal makes signals of.
 */
export async function startOnTerminal(request: CommandRequest, outlets: Outlets): Promise<RunningCommand> {
  // Only who runs on a terminal needs it, and it is native code.
  const { spawn } = await import('@lydell/node-pty');
  const [program = '', ...args] = request.command;
  const environment = commandEnvironment(request);
  const refusal = whyNotExecutable(program, environment.PATH);
  if (refusal) throw new CommandNotStartedError(`${program}: ${refusal.why}`, refusal.exitCode);

  const terminal = spawn(program, args, {
    cwd: request.workingDirectory,
    env: environment,
    name: environment.TERM,
    encoding: null,
    ...ownSize(),
  });
  const { socket, whenGone } = readToTheEnd(terminal);
  let hasEnded = false;
  const ended = new Promise<CommandEnd>((done) => {
    terminal.onExit(({ exitCode, signal }) => {
      hasEnded = true;
      done(signal ? { exitCode: null, signal: nameOf(signal) } : { exitCode, signal: null });
    });
  });
  outlets.add({ name: 'The terminal', source: socket, closeSource: () => socket.reallyDestroy(), sink: openSink(1) });
  const letGo = connectKeys(terminal, socket);
  let finished: Promise<void> | null = null;
  const finish = (limitMs: number | null) => {
    finished ??= outlets.finish(limitMs);
    return finished;
  };
  // That nobody is left to write is told by the socket's end. Who is left behind is given up after a while.
  void whenGone.then(() => finish(null));
  void ended.then(letGo);

  return {
    pid: terminal.pid,
    ended,
    passedOn: finish,
    giveUp: () => outlets.giveUp(),
    isHeldUp: () => outlets.isHeldUp(),
    signalGroup(signal) {
      if (!hasEnded) signalGroupOf(terminal.pid, signal);
    },
  };
}

type HeldSocket = ReadStream & { reallyDestroy(): void };

/**
 * node-pty closes its socket 200 ms after the first process has ended, read to the end or not; whoever reads slowly would
 * lose the rest. Here that is only told (`whenGone`), and the socket is closed when its reader is done.
 */
function readToTheEnd(terminal: IPty): { socket: HeldSocket; whenGone: Promise<void> } {
  const { _socket: socket } = terminal as unknown as { _socket: HeldSocket };
  const destroy = socket.destroy.bind(socket);
  let tellGone: () => void = () => undefined;
  const whenGone = new Promise<void>((done) => {
    tellGone = done;
  });
  socket.reallyDestroy = () => void destroy();
  socket.destroy = (error?: NodeJS.ErrnoException) => {
    // No process has the other side any more: what was read until now is all there will be.
    if (error?.code === 'EIO') socket.push(null);
    tellGone();
    return socket;
  };
  return { socket, whenGone };
}

/** Our keys and our size become the command's. Returns what ends this and gives our terminal back as it was. */
function connectKeys(terminal: IPty, socket: ReadStream): () => void {
  const own = openOwnTerminal();
  const { stdin, stdout } = process;
  const type = (keys: Buffer): void => {
    if (!socket.write(keys)) {
      stdin.pause();
      socket.once('drain', () => stdin.resume());
    }
  };
  const resize = (): void => {
    const { cols, rows } = ownSize();
    if (cols && rows) terminal.resize(cols, rows);
  };
  process.once('exit', own.restore);
  own.makeRaw();
  stdin.on('data', type);
  stdin.resume();
  stdout.on('resize', resize);
  return () => {
    stdin.off('data', type);
    stdin.pause();
    stdin.unref();
    stdout.off('resize', resize);
    process.off('exit', own.restore);
    own.restore();
  };
}

function ownSize(): { cols?: number; rows?: number } {
  const { columns, rows } = process.stdout;
  return columns && rows ? { cols: columns, rows } : {};
}

function nameOf(signal: number): string {
  const found = Object.entries(constants.signals).find(([, number]) => number === signal);
  return found?.[0] ?? String(signal);
}
