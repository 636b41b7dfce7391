import { spawnSync } from 'node:child_process';

export type ProgramAnswer = { ok: true; output: string } | { ok: false; reason: string };

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Run a program of the system to its end and take what it prints, bounded in time and size. What it ends with does not
 * matter, because `ps` and `lsof` end with 1 where one of several was not found; printing nothing at all is a failure.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { timeoutMs: number; env?: NodeJS.ProcessEnv },
): ProgramAnswer {
  const { timeoutMs: timeout, env } = options;
  const ended = spawnSync(program, args, {
    timeout,
    ...(env && { env }),
    encoding: 'utf8',
    killSignal: 'SIGKILL',
    maxBuffer: MAX_BYTES,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  // What was cut short by a signal or a limit may lack anything: it is no answer.
  if (ended.error) return { ok: false, reason: `${program} failed: ${ended.error.message}` };
  if (ended.signal) return { ok: false, reason: `${program} was ended by ${ended.signal}` };
  if (!ended.stdout.trim()) {
    return {
      ok: false,
      reason: `${program} says nothing${ended.stderr ? `: ${ended.stderr.trim().slice(0, 200)}` : ''}`,
    };
  }
  return { ok: true, output: ended.stdout };
}
