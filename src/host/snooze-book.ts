import { join } from 'node:path';
import { z } from 'zod';
import type { Logger, SnoozeBook } from '../engine/ports';
import { WORKER_STATES } from '../shared/model';
import { readJson, writeJson } from './json-file';

const FILE_NAME = 'snoozes.json';
/** More than a person snoozes: the oldest are forgotten. */
const KEPT = 1_000;

const entrySchema = z.object({ state: z.enum(WORKER_STATES), untilAt: z.number().nullable() });
type Entry = z.infer<typeof entrySchema>;

/** Snoozes in `snoozes.json` of the state folder. Read when first asked for; what cannot be read counts as none. */
export function createSnoozeBook(stateFolder: string, log: Logger): SnoozeBook {
  const path = join(stateFolder, FILE_NAME);
  let known: Map<string, Entry> | null = null;

  function entries(): Map<string, Entry> {
    known ??= new Map(Object.entries(readAll()));
    return known;
  }

  function readAll(): Record<string, Entry> {
    const read = readJson(path);
    if (!read.ok) {
      if (!read.missing) log.warn(`${read.message}: no snooze is known`);
      return {};
    }
    const parsed = z.record(z.string(), entrySchema).safeParse(read.value);
    if (!parsed.success) log.warn(`${FILE_NAME} does not hold snoozes: no snooze is known`);
    return parsed.success ? parsed.data : {};
  }

  function write(): void {
    try {
      writeJson(path, Object.fromEntries([...entries()].slice(-KEPT)));
    } catch (error) {
      log.warn(`a snooze holds only until idlewatch ends: ${(error as Error).message}`);
    }
  }

  return {
    find(id, state) {
      const entry = entries().get(id);
      return entry?.state === state ? { untilAt: entry.untilAt } : null;
    },
    note(id, state, untilAt) {
      entries().delete(id);
      entries().set(id, { state, untilAt });
      write();
    },
    drop(id) {
      if (entries().delete(id)) write();
    },
  };
}
