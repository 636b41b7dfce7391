import type { ProcessTable } from '../../engine/ports';
import { createLinuxProcessTable } from './linux';
import { createMacProcessTable } from './macos';
import { createUnsupportedProcessTable } from './unsupported';
import { createWindowsProcessTable } from './windows';

/** The process table of this system. Never throws: where there is none, every answer says so. */
export function createProcessTable(platform: NodeJS.Platform = process.platform): ProcessTable {
  switch (platform) {
    case 'linux':
      return createLinuxProcessTable();
    case 'darwin':
      return createMacProcessTable();
    case 'win32':
      return createWindowsProcessTable();
    default:
      return createUnsupportedProcessTable(platform);
  }
}
