import { createRequire } from 'node:module';

/**
 * The file system as it is. In Electron `node:fs` shows archives (`*.asar`) as directories, and what should remove such a
 * file would fail.
 */
export const realFs: typeof import('node:fs') = createRequire(import.meta.url)(
  process.versions.electron ? 'original-fs' : 'node:fs',
);
