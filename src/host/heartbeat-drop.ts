import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from './state-folder';

/** What such a worker may be called: one name of a directory on every system, and no hidden one. */
export const HEARTBEAT_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?$/;

const FILE_NAME = 'heartbeat.json';
/** As for heartbeats in files: see docs/heartbeat.md. */
const MAX_BYTES = 64 * 1024;
const WORKERS_MAX = 1_000;
/** One that has been silent for so long makes room for a new one. */
const FORGOTTEN_AFTER_MS = 86_400_000;

/** Where workers stand that beat over HTTP. */
export function heartbeatFolder(stateFolder: string): string {
  return join(stateFolder, 'workers');
}

export type DropAnswer =
  | { ok: true; directory: string }
  | { ok: false; problem: 'too_large' | 'full' | 'unwritable'; reason: string };

/** Heartbeats that came over HTTP, put down as a worker would write them itself: see docs/heartbeat.md. */
export interface HeartbeatDrop {
  /** `name` fits HEARTBEAT_NAME; `content`: JSON. Readers see the old heartbeat or the new one. Never throws. */
  put(name: string, content: string): DropAnswer;
}

/** `nowMs`: the wall clock. */
export function createHeartbeatDrop(stateFolder: string, nowMs: () => number): HeartbeatDrop {
  const folder = heartbeatFolder(stateFolder);
  return {
    put(name, content) {
      const bytes = Buffer.byteLength(content);
      if (bytes > MAX_BYTES) {
        return {
          ok: false,
          problem: 'too_large',
          reason: `the heartbeat has ${bytes} bytes; allowed are ${MAX_BYTES}`,
        };
      }
      const directory = join(folder, name);
      try {
        if (!exists(folder)) makePrivateFolder(folder);
        if (!exists(directory) && !makeRoom(folder, nowMs())) {
          const reason = `${WORKERS_MAX} workers beat over HTTP; that is as many as there may be in a day`;
          return { ok: false, problem: 'full', reason };
        }
        write(directory, content);
        return { ok: true, directory };
      } catch (error) {
        const reason = `the heartbeat cannot be written: ${(error as Error).message}`;
        return { ok: false, problem: 'unwritable', reason };
      }
    },
  };
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function write(directory: string, content: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const temporary = join(directory, `.${FILE_NAME}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, content, { mode: 0o600 });
    renameSync(temporary, join(directory, FILE_NAME));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** False: there are as many as there may be, and none that can go. */
function makeRoom(folder: string, now: number): boolean {
  const names = readdirSync(folder);
  if (names.length < WORKERS_MAX) return true;
  const silent = names
    .map((name) => ({ directory: join(folder, name), beatenAt: beatenAt(join(folder, name, FILE_NAME)) }))
    .filter(({ beatenAt }) => now - beatenAt > FORGOTTEN_AFTER_MS)
    .sort((a, b) => a.beatenAt - b.beatenAt);
  return silent.some(({ directory }) => remove(directory));
}

/** Where somebody put more beside the heartbeat, it stays. */
function remove(directory: string): boolean {
  try {
    if (readdirSync(directory).some((name) => name !== FILE_NAME)) return false;
    rmSync(join(directory, FILE_NAME), { force: true });
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

/** One without a heartbeat counts as the oldest. */
function beatenAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
