import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from './json-file';
import { makeFile, sqlite } from './sqlite/connection';
import { isBusy } from './sqlite/errors';
import { makePrivateFolder } from './state-folder';

/** Two programs that start at once: the later one waits this long for the earlier to be seen. */
const PATIENCE_MS = 500;

const infoSchema = z.object({
  pid: z.number().int().positive(),
  startedAt: z.number(),
  version: z.string(),
  shell: z.enum(['app', 'serve']),
  /** Address of the local API; null: it is off. */
  api: z.string().nullable(),
  gateway: z.string().nullable(),
});
/** Who runs the engine of a state folder, and where it is reached. */
export type EngineInfo = z.infer<typeof infoSchema>;

/** The right to run the engine of a state folder, held until it is given back or this program ends, however it does. */
export interface EngineSeat {
  /** Write down where the engine is reached. Throws where that cannot be written. */
  publish(info: EngineInfo): void;
  release(): void;
}

export type SeatAnswer =
  | { ok: true; seat: EngineSeat }
  /** Somebody else holds it. `holder` null: it has not told yet where it is reached. */
  | { ok: false; taken: true; holder: EngineInfo | null }
  /** Nobody can hold it, in words: the folder cannot be written. */
  | { ok: false; taken: false; reason: string };

const lockFile = (stateFolder: string): string => join(stateFolder, 'engine.lock');
const infoFile = (stateFolder: string): string => join(stateFolder, 'engine.json');

/** Take the seat of a state folder. The lock is SQLite's: the system takes it back from a program that is gone. */
export function takeSeat(stateFolder: string): SeatAnswer {
  const path = lockFile(stateFolder);
  let release: () => void;
  try {
    makePrivateFolder(stateFolder);
    makeFile(path);
    release = lock(path, PATIENCE_MS);
    // What its last holder wrote down is not ours to be found by.
    rmSync(infoFile(stateFolder), { force: true });
  } catch (error) {
    if (isBusy(error)) return { ok: false, taken: true, holder: readInfo(stateFolder) };
    return { ok: false, taken: false, reason: `${path}: ${(error as Error).message}` };
  }
  return {
    ok: true,
    seat: {
      publish: (info) => writeJson(infoFile(stateFolder), info),
      release() {
        rmSync(infoFile(stateFolder), { force: true });
        release();
      },
    },
  };
}

/** Returns the function that lets go of it. */
function lock(path: string, timeout: number): () => void {
  const database = new (sqlite().DatabaseSync)(path, { timeout });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw error;
  }
  return () => database.close();
}

/** Whether somebody runs the engine now; where nobody can say: true. */
function isHeld(stateFolder: string): boolean {
  const path = lockFile(stateFolder);
  if (!statSync(path, { throwIfNoEntry: false })) return false;
  try {
    lock(path, 0)();
    return false;
  } catch {
    return true;
  }
}

/** What was last written down of the engine of a state folder; null: nothing that can be read. */
export function readInfo(stateFolder: string): EngineInfo | null {
  const read = readJson(infoFile(stateFolder));
  const parsed = infoSchema.safeParse(read.ok ? read.value : null);
  return parsed.success ? parsed.data : null;
}

export type FoundEngine = { ok: true; url: string; info: EngineInfo } | { ok: false; reason: string };

/**
 * Where to attach to the engine of a state folder. One that is gone is not named: whoever listens there now must not be
 * given the token.
 */
export function findEngine(stateFolder: string): FoundEngine {
  const info = readInfo(stateFolder);
  if (!info || !isHeld(stateFolder)) {
    return { ok: false, reason: `no idlewatch runs its engine on ${stateFolder}` };
  }
  if (info.api === null) {
    return { ok: false, reason: `the local API of the idlewatch that runs (process ${info.pid}) is switched off` };
  }
  return { ok: true, url: info.api, info };
}
