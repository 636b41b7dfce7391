import { constants } from 'node:os';
import { FORWARDED_SIGNALS, type SignalEvents } from '../../engine/command-runner';

/** The signals sent to this process that a supervisor hands on. */
export const ownSignals: SignalEvents = {
  on(listener) {
    const heard = FORWARDED_SIGNALS.map((name) => ({ name, hear: () => listener(name) }));
    for (const { name, hear } of heard) process.on(name, hear);
    return () => {
      for (const { name, hear } of heard) process.off(name, hear);
    };
  },
};

const SYSTEM_NEEDS_MS = 1_000;

/**
 * End this process by a signal, so that whoever waits for it sees what they would have seen of the command. Resolves only
 * where the signal does not end it, with the exit code that shells give for it.
 */
export async function endBySignal(signal: string): Promise<number> {
  const name = signal as NodeJS.Signals;
  const number = constants.signals[name] ?? 0;
  if (process.platform !== 'win32' && number > 0) {
    makeDefault(name);
    process.kill(process.pid, name);
    await new Promise((done) => setTimeout(done, SYSTEM_NEEDS_MS));
  }
  return 128 + number;
}

/** Node.js ignores SIGPIPE and listens to SIGUSR1; once its last listener is gone, a signal does what it does by itself. */
function makeDefault(name: NodeJS.Signals): void {
  if (name === 'SIGKILL' || name === 'SIGSTOP') return;
  process.removeAllListeners(name);
  const none = (): void => undefined;
  process.on(name, none);
  process.off(name, none);
}
