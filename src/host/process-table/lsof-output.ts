import type { OpenFile } from '../../engine/ports';

/** What `lsof` is asked to print, as parseOpenFiles reads it. */
export const LSOF_FIELDS = '-Fpfatn0';

/** Where one process works and what it holds open. */
export interface HeldFiles {
  workingDirectory: string | null;
  files: OpenFile[];
}

/** Kinds of files that have a path; sockets and pipes show other things in its place. */
const WITH_PATH = new Set(['REG', 'DIR', 'CHR', 'BLK', 'FIFO', 'VREG', 'VDIR', 'VCHR', 'VBLK']);

/**
 * Read `lsof -Fpfatn0`: a set of fields for each process and file, each field a letter and a value that ends in NUL, each
 * set ending in a line break. Names with control characters are printed with marks in place of them and match nothing.
 */
export function parseOpenFiles(output: string): Map<number, HeldFiles> {
  const held = new Map<number, HeldFiles>();
  let current: HeldFiles | null = null;
  for (const set of output.split('\n')) {
    const fields = new Map(
      set
        .split('\0')
        .filter(Boolean)
        .map((field) => [field.charAt(0), field.slice(1)]),
    );
    const pid = fields.get('p');
    if (pid !== undefined) {
      current = { workingDirectory: null, files: [] };
      held.set(Number(pid), current);
    }
    const path = fields.get('n');
    if (!current || !path?.startsWith('/') || !WITH_PATH.has(fields.get('t') ?? '')) continue;
    const file = fields.get('f') ?? '';
    if (file === 'cwd') current.workingDirectory = path;
    else if (/^\d+$/.test(file)) current.files.push({ path, writing: /[wu]/.test(fields.get('a') ?? '') });
  }
  return held;
}
