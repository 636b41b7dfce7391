import si from 'systeminformation';
import type { MemoryProbe } from '../engine/ports';

/** The machine's memory as systeminformation reads it; `available` is the system's own estimate. */
export function createMemoryProbe(): MemoryProbe {
  return {
    async read() {
      const memory = await si.mem();
      return { totalBytes: memory.total, availableBytes: memory.available };
    },
  };
}
