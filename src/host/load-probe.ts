import { availableParallelism, loadavg } from 'node:os';
import type { LoadProbe } from '../engine/ports';

/** The load of the last minute as Linux and macOS tell it; Windows has none. */
export function createLoadProbe(platform: NodeJS.Platform = process.platform): LoadProbe {
  return {
    loadPerCore() {
      if (platform === 'win32') return null;
      const [lastMinute = 0] = loadavg();
      return lastMinute / availableParallelism();
    },
  };
}
