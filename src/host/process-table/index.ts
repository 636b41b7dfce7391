import type { ProcessTable } from '../../engine/ports';
import { createLinuxProcessTable } from './linux';
import { createUnsupportedProcessTable } from './unsupported';

const PLATFORM_NAMES: Partial<Record<NodeJS.Platform, string>> = { darwin: 'macOS', win32: 'Windows' };

/** The process table of this system. Never throws: where there is none yet, every answer says so. */
export function createProcessTable(platform: NodeJS.Platform = process.platform): ProcessTable {
  return platform === 'linux'
    ? createLinuxProcessTable()
    : createUnsupportedProcessTable(PLATFORM_NAMES[platform] ?? platform);
}
