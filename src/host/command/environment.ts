import type { CommandRequest } from '../../engine/command-runner';
import { WORKER_DIRECTORY_MARK } from '../../engine/observe/belonging';

/** Our own environment, with the mark of the command's worker directory where it has one. */
export function commandEnvironment({ workerDirectory }: CommandRequest): Record<string, string> {
  const environment = { ...process.env } as Record<string, string>;
  if (workerDirectory !== null) environment[WORKER_DIRECTORY_MARK] = workerDirectory;
  return environment;
}
