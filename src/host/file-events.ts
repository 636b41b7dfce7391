import { watch } from 'node:fs';
import type { FileEvents, Logger } from '../engine/ports';

/**
 * File events of the system (inotify, FSEvents, ReadDirectoryChangesW), not recursive.
 *
 * Running out of watches is no error of the worker's: it is logged once, and the sweep goes on without events.
 */
export function createFileEvents(log: Logger): FileEvents {
  const told = new Set<string>();
  return {
    watch(directory, onChange) {
      try {
        const watcher = watch(directory, { persistent: false }, (_type, name) => onChange(name));
        watcher.on('error', () => watcher.close());
        return () => watcher.close();
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
        if (code !== 'ENOENT' && !told.has(code)) {
          told.add(code);
          log.warn(`file events are not available (${code}); changes are found by the sweep instead`);
        }
        return null;
      }
    },
  };
}
