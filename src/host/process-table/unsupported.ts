import { hostname } from 'node:os';
import type { ProcessTable } from '../../engine/ports';

/**
 * Stands in on a system whose process table is not built yet: every question is answered with why it cannot be
 * answered, so that nothing there is ever taken for gone and nothing is ever ended.
 */
export function createUnsupportedProcessTable(platform: string): ProcessTable {
  const reason = `reading processes is not built for ${platform} yet: idlewatch judges workers there by their files alone and ends nothing`;
  return {
    inspect: () => ({ liveness: 'unknown', reason }),
    list: () => ({ ok: false, reason }),
    commandLine: () => null,
    commandArguments: () => null,
    workingDirectory: () => null,
    environmentValue: () => null,
    openFiles: () => null,
    sockets: () => null,
    self: () => ({
      pid: process.pid,
      uid: process.geteuid?.() ?? -1,
      ancestors: [process.ppid],
      commonDirectories: [],
    }),
    space: () => ({ hostName: hostname(), bootId: null, pidNamespace: null }),
  };
}
