import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import {
  type CommandEnd,
  CommandNotStartedError,
  type CommandRequest,
  type RunningCommand,
} from '../../engine/command-runner';
import { commandEnvironment } from './environment';
import { signalGroupOf } from './group';
import type { Outlets } from './outlets';
import { makeOutputPipes, type OutputPipe } from './output-pipes';
import { haveOneTarget, openSink, type Sink } from './sink';

/** Whether what the command puts out is passed on to this process's own outputs, or only logged. */
export type Showing = 'own-outputs' | 'nowhere';

/**
 * Start a command in a session of its own, its input ours, its outputs pipes. Where both our outputs lead to the same
 * place, it gets one pipe for both, so that the order of what it writes is kept.
 */
export async function startInPipes(
  request: CommandRequest,
  outlets: Outlets,
  showing: Showing,
): Promise<RunningCommand> {
  const isMerged = showing === 'own-outputs' && haveOneTarget();
  const pipes = makeOutputPipes(isMerged ? 1 : 2);
  const child = await spawned(request, showing, pipes);
  const [out, err] = outputsOf(child, pipes);
  const sink = (fd: 1 | 2): Sink | null => (showing === 'own-outputs' ? openSink(fd) : null);
  outlets.add({ name: 'Standard output', source: out, closeSource: () => out.destroy(), sink: sink(1) });
  if (err) outlets.add({ name: 'Standard error', source: err, closeSource: () => err.destroy(), sink: sink(2) });

  let hasEnded = false;
  const ended = new Promise<CommandEnd>((done) => {
    child.once('exit', (exitCode, signal) => {
      hasEnded = true;
      done({ exitCode, signal });
    });
  });
  return {
    pid: child.pid ?? 0,
    ended,
    passedOn: (limitMs) => outlets.finish(limitMs),
    giveUp: () => outlets.giveUp(),
    isHeldUp: () => outlets.isHeldUp(),
    signalGroup(signal) {
      if (hasEnded || child.pid === undefined) return;
      if (process.platform === 'win32') child.kill(signal);
      else signalGroupOf(child.pid, signal);
    },
  };
}

async function spawned(request: CommandRequest, showing: Showing, pipes: OutputPipe[] | null): Promise<ChildProcess> {
  const [program = '', ...args] = request.command;
  const outputs = pipes ? [pipes[0], pipes.at(-1)].map((pipe) => pipe?.writeFd) : (['pipe', 'pipe'] as const);
  const options: SpawnOptions = {
    cwd: request.workingDirectory,
    env: commandEnvironment(request),
    detached: true,
    stdio: [showing === 'own-outputs' ? 'inherit' : 'ignore', ...outputs],
    windowsHide: true,
  };
  try {
    const child = spawn(program, args, options);
    if (child.pid === undefined) await new Promise<never>((_, refuse) => child.once('error', refuse));
    return child;
  } catch (error) {
    for (const { readFd } of pipes ?? []) closeSync(readFd);
    throw notStarted(program, error as NodeJS.ErrnoException);
  } finally {
    // From now on the end of the command is the end of its output.
    for (const { writeFd } of pipes ?? []) closeSync(writeFd);
  }
}

/** What its outputs are read from; one where both are the same pipe. */
function outputsOf(child: ChildProcess, pipes: OutputPipe[] | null): [Readable, Readable | null] {
  const [out, err] = pipes
    ? pipes.map(({ readFd }) => new Socket({ fd: readFd, readable: true, writable: false }))
    : [child.stdout, child.stderr];
  if (!out) throw new Error('the command has no output');
  return [out, err ?? null];
}

function notStarted(program: string, error: NodeJS.ErrnoException): CommandNotStartedError {
  if (error.code === 'ENOENT')
    return new CommandNotStartedError(`${program}: command not found, nor the interpreter it may name`, 127);
  const why = error.code === 'EACCES' ? 'it is not executable' : error.message;
  return new CommandNotStartedError(`${program}: it cannot be started: ${why}`, 126);
}
