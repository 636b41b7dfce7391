import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from './json-file';
import { findFile, makeFile, sqlite } from './sqlite/connection';
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
  /** It has closed its API for good and is about to leave the seat. */
  isEnding: z.boolean().optional(),
  /** Where it looks for workers: whoever looks beside it looks there too. */
  directories: z.object({ workers: z.array(z.string()), workbenches: z.array(z.string()) }),
});
/** Who runs the engine of a state folder, and where it is reached. */
export type EngineInfo = z.infer<typeof infoSchema>;

/** The right to run the engine of a state folder, held until it is given back or this program ends, however it does. */
export interface EngineSeat {
  /** Write down where the engine is reached. Throws where that cannot be written. */
  publish(info: EngineInfo): void;
  /**
   * Whether it is still held. A lock is one of a file: where that was removed, the next program takes another one. Unless
   * somebody has, the seat is taken anew. What was published is written down again where it does not stand there.
   */
  hold(): boolean;
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
  try {
    return { ok: true, seat: seatWith(stateFolder, claim(stateFolder, PATIENCE_MS)) };
  } catch (error) {
    if (isBusy(error)) return { ok: false, taken: true, holder: readInfo(stateFolder) };
    return { ok: false, taken: false, reason: `${lockFile(stateFolder)}: ${(error as Error).message}` };
  }
}

function seatWith(stateFolder: string, first: Claim): EngineSeat {
  let held = first;
  let told: EngineInfo | null = null;

  function hold(): boolean {
    try {
      if (findFile(lockFile(stateFolder))?.identity !== held.identity) {
        const next = claim(stateFolder, 0);
        held.release();
        held = next;
      }
    } catch {
      return false;
    }
    if (told && !isTold(stateFolder, told)) tellAgain(stateFolder, told);
    return true;
  }

  return {
    publish(info) {
      told = info;
      if (hold()) writeJson(infoFile(stateFolder), info);
    },
    hold,
    release() {
      if (hold()) rmSync(infoFile(stateFolder), { force: true });
      held.release();
    },
  };
}

/** Whoever lost the seat while they were writing writes over what its new holder said. */
function isTold(stateFolder: string, { pid, startedAt }: EngineInfo): boolean {
  const there = readInfo(stateFolder);
  return there?.pid === pid && there.startedAt === startedAt;
}

function tellAgain(stateFolder: string, info: EngineInfo): void {
  try {
    writeJson(infoFile(stateFolder), info);
  } catch {
    // The seat is held all the same; the next time may go better.
  }
}

interface Claim {
  /** Of the file that is locked. */
  identity: string | undefined;
  release(): void;
}

/** Lock the file that stands there, and take away what its last holder wrote down: it is not ours to be found by. */
function claim(stateFolder: string, timeout: number): Claim {
  const path = lockFile(stateFolder);
  makePrivateFolder(stateFolder);
  makeFile(path);
  const identity = findFile(path)?.identity;
  const release = lock(path, timeout);
  try {
    if (findFile(path)?.identity !== identity) throw new Error('it was replaced just now');
    rmSync(infoFile(stateFolder), { force: true });
  } catch (error) {
    release();
    throw error;
  }
  return { identity, release };
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

/** What the engine that runs on a state folder wrote down; null: none runs, or it has not yet. */
function infoOfRunning(stateFolder: string): EngineInfo | null {
  const info = readInfo(stateFolder);
  return info && isHeld(stateFolder) ? info : null;
}

/** Where the engine of a state folder looks for workers; nowhere, where none runs. */
export function engineDirectories(stateFolder: string): EngineInfo['directories'] {
  return infoOfRunning(stateFolder)?.directories ?? { workers: [], workbenches: [] };
}

export type FoundEngine = { ok: true; url: string; info: EngineInfo } | { ok: false; reason: string };

/**
 * Where to attach to the engine of a state folder. One that is gone is not named: whoever listens there now must not be
 * given the token.
 */
export function findEngine(stateFolder: string): FoundEngine {
  const info = infoOfRunning(stateFolder);
  if (!info) {
    return { ok: false, reason: `no idlewatch runs its engine on ${stateFolder}` };
  }
  if (info.isEnding) return { ok: false, reason: `the idlewatch that ran (process ${info.pid}) is ending` };
  if (info.api === null) {
    return { ok: false, reason: `the local API of the idlewatch that runs (process ${info.pid}) is switched off` };
  }
  return { ok: true, url: info.api, info };
}
