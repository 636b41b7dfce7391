import type { ForeignTables } from '../engine/ports';

/** Other programs' SQLite files. */
export function createForeignTables(): ForeignTables {
  return { rows: (path) => ({ ok: false, reason: `${path} cannot be read: not built yet` }) };
}
