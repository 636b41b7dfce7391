import type { OwnMemory } from '../engine/ports';

/** What this process holds: resident memory, and what is in use of its heap. */
export function createOwnMemory(): OwnMemory {
  return {
    read() {
      const { rss, heapUsed } = process.memoryUsage();
      return { rssBytes: rss, heapBytes: heapUsed };
    },
  };
}
