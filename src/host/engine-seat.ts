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

const infoFile = (stateFolder: string): string => join(stateFolder, 'engine.json');

/** Take the seat of a state folder. The lock is SQLite's: the system takes it back from a program that is gone. */
export function takeSeat(stateFolder: string): SeatAnswer {
  const path = join(stateFolder, 'engine.lock');
  let lock: { exec(sql: string): void; close(): void };
  try {
    makePrivateFolder(stateFolder);
    makeFile(path);
    lock = new (sqlite().DatabaseSync)(path, { timeout: PATIENCE_MS });
  } catch (error) {
    return { ok: false, taken: false, reason: `${path}: ${(error as Error).message}` };
  }
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error)) return { ok: false, taken: true, holder: readInfo(stateFolder) };
    return { ok: false, taken: false, reason: `${path}: ${(error as Error).message}` };
  }
  return {
    ok: true,
    seat: {
      publish: (info) => writeJson(infoFile(stateFolder), info),
      release: () => lock.close(),
    },
  };
}

/**
 * What was last written down of the engine of a state folder; null: nothing that can be read. Whether it still runs, only
 * asking it tells.
 */
export function readInfo(stateFolder: string): EngineInfo | null {
  const read = readJson(infoFile(stateFolder));
  const parsed = infoSchema.safeParse(read.ok ? read.value : null);
  return parsed.success ? parsed.data : null;
}

export type FoundEngine = { ok: true; url: string; info: EngineInfo } | { ok: false; reason: string };

/** Where to attach to the engine of a state folder, by what it wrote down. */
export function findEngine(stateFolder: string): FoundEngine {
  const info = readInfo(stateFolder);
  if (!info) return { ok: false, reason: `no idlewatch runs its engine on ${stateFolder}` };
  if (info.api === null) {
    return { ok: false, reason: `the local API of the idlewatch that runs (process ${info.pid}) is switched off` };
  }
  return { ok: true, url: info.api, info };
}
