import { join } from 'node:path';
import type { CommandRunner } from '../../engine/command-runner';
import { createBoundedLog, inWords } from './bounded-log';
import { Outlets } from './outlets';
import { type Showing, startInPipes } from './pipes';
import { startOnTerminal } from './pty';
import { isAtTerminal } from './terminal';

/** The log in a run's worker directory. */
export const LOG_NAME = 'agent.log';

export interface CommandRunnerOptions {
  /** Where output is passed on to, beside the log. */
  showing: Showing;
  maxLogBytes: number;
}

/** Runs commands for this process: on a pseudo-terminal where it sits at a terminal itself, else through pipes. */
export function createCommandRunner({ showing, maxLogBytes }: CommandRunnerOptions): CommandRunner {
  return {
    start(request, listener) {
      const { workerDirectory } = request;
      const log =
        workerDirectory === null
          ? null
          : createBoundedLog({
              path: join(workerDirectory, LOG_NAME),
              maxBytes: maxLogBytes,
              onFirstDrop: () =>
                listener.onNotice(
                  `Its log has reached ${inWords(maxLogBytes)}: from now on the middle of it is dropped`,
                ),
              onTrouble: (reason) => listener.onNotice(`Its log cannot be written: ${reason}`),
            });
      const outlets = new Outlets(log, listener);
      return showing === 'own-outputs' && isAtTerminal()
        ? startOnTerminal(request, outlets)
        : startInPipes(request, outlets, showing);
    },
  };
}
