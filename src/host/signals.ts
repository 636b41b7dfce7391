import type { Signals } from '../engine/ports';

/** Sends real signals, each to one process. 0, 1, negative numbers (groups) and ourselves are refused here too. */
export function createSignals(): Signals {
  return {
    send(pid, signal) {
      if (!Number.isSafeInteger(pid) || pid <= 1 || pid === process.pid) {
        return { result: 'refused', reason: `${pid} is no process that may be signalled` };
      }
      try {
        process.kill(pid, signal);
        return { result: 'sent' };
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'ESRCH') return { result: 'gone' };
        if (code === 'EPERM') return { result: 'refused', reason: 'the system does not permit it (EPERM)' };
        return { result: 'refused', reason: message };
      }
    },
  };
}
