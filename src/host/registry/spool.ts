import { closeSync, fsyncSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../../engine/ports';
import { RUN_STATES, type RunSpool } from '../../engine/run-registry';
import { readJson, writeJson } from '../json-file';
import { makePrivateFolder } from '../state-folder';
import { addressSchema } from './rows';

const ENDING = '.json';

const change = z
  .object({
    state: z.enum(RUN_STATES),
    child: addressSchema.nullable(),
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    reason: z.string().nullable(),
    outputBytes: z.int(),
    endRequested: z.string().nullable(),
  })
  .partial();

/** The spool of a state folder: `spool/<run>.json`, each whole or not there at all, also after a crash. */
export function createRunSpool(stateFolder: string, log: Logger): RunSpool {
  const folder = join(stateFolder, 'spool');
  const fileOf = (id: string): string => {
    if (!/^[\w-][\w.-]*$/.test(id)) throw new Error(`${JSON.stringify(id)} cannot be the id of a run`);
    return join(folder, id + ENDING);
  };

  return {
    put(id, what) {
      const file = fileOf(id);
      makePrivateFolder(stateFolder);
      makePrivateFolder(folder);
      writeJson(file, what);
      syncFolder(folder);
    },
    waiting() {
      const found: ReturnType<RunSpool['waiting']> = [];
      for (const name of namesIn(folder)) {
        if (!name.endsWith(ENDING)) continue;
        const file = join(folder, name);
        const read = readJson(file);
        const parsed = read.ok ? change.safeParse(read.value) : null;
        if (parsed?.success) found.push({ id: name.slice(0, -ENDING.length), change: parsed.data });
        else if (read.ok) log.warn(`${file} does not hold the end of a run; it is left as it is`);
        else if (!read.missing) log.warn(`${join(folder, read.message)}; it is left as it is`);
      }
      return found;
    },
    drop: (id) => rmSync(fileOf(id), { force: true }),
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A new name is on the disk only once its folder is. Windows cannot open a folder and does not need it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
