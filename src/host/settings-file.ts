import { mkdirSync, unwatchFile, watchFile } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock, FileEvents } from '../engine/ports';
import { readJson, writeJson } from './json-file';

/** Editors truncate and write again: what stands after this long is what was meant. */
const SETTLE_MS = 150;
/** How often to look where the system has no file events left. */
const POLL_MS = 2_000;

export type SettingsFileRead = { ok: true; values: Record<string, unknown> } | { ok: false; message: string };

/** `settings.json` as a person may also edit it by hand. */
export interface SettingsFile {
  path: string;
  /** What stands in it, unchecked; a file that is not there holds no settings. */
  read(): SettingsFileRead;
  /** Replaces it as a whole. Throws when it cannot be written. */
  write(values: Record<string, unknown>): void;
  /** Tells that it may have changed, once it has settled; returns the function that stops. */
  watch(onChange: () => void): () => void;
}

export function createSettingsFile(path: string, fileEvents: FileEvents, clock: Clock): SettingsFile {
  return {
    path,
    read: () => readSettings(path),
    write: (values) => writeJson(path, values),
    watch(onChange) {
      const settled = afterQuiet(clock, onChange);
      const unwatch = watchChanges(path, fileEvents, settled.touch);
      return () => {
        unwatch();
        settled.cancel();
      };
    },
  };
}

/** Read a settings file, unchecked; one that is not there holds no settings. */
export function readSettings(path: string): SettingsFileRead {
  const read = readJson(path);
  if (!read.ok) return read.missing ? { ok: true, values: {} } : { ok: false, message: read.message };
  const { value } = read;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, message: `${basename(path)} holds no object of settings; allowed is {"name": value, …}` };
  }
  return { ok: true, values: value as Record<string, unknown> };
}

function watchChanges(path: string, fileEvents: FileEvents, touch: () => void): () => void {
  mkdirSync(dirname(path), { recursive: true });
  const name = basename(path);
  const unwatch = fileEvents.watch(dirname(path), (changed) => {
    if (changed === null || changed === name) touch();
  });
  if (unwatch) return unwatch;
  watchFile(path, { interval: POLL_MS, persistent: false }, touch);
  return () => unwatchFile(path, touch);
}

function afterQuiet(clock: Clock, run: () => void): { touch: () => void; cancel: () => void } {
  let cancel = () => {};
  return {
    touch: () => {
      cancel();
      cancel = clock.after(SETTLE_MS, run);
    },
    cancel: () => cancel(),
  };
}
