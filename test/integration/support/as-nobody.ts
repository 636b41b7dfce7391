import { chmodSync } from 'node:fs';

const NOBODY = 65_534;

/**
 * Run something, to its end, as a user who may not read what is forbidden: root may read everything. `base` is opened
 * for that user to pass through.
 */
export function asNobody<T>(base: string, run: () => T): T {
  const { geteuid, seteuid } = process;
  if (geteuid?.() !== 0 || !seteuid) return run();
  chmodSync(base, 0o755);
  seteuid(NOBODY);
  try {
    return run();
  } finally {
    seteuid(0);
  }
}
