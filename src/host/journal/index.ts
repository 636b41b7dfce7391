import type { Journal } from '../../engine/journal';
import type { Clock, Logger } from '../../engine/ports';
import { openDatabase } from '../sqlite/database';
import { createReading } from './reading';
import { JOURNAL_LAYOUT } from './schema';
import { createUpkeep } from './upkeep';
import { Writer } from './writer';

/**
 * The journal of a state folder: `history.db`, readable by its owner alone. Nothing is opened before it is needed, and
 * nothing is made before something is written. A damaged file is put aside and a new one begun, which `log` is told.
 */
export function openJournal(folder: string, log: Logger, clock: Clock): Journal {
  const database = openDatabase(folder, JOURNAL_LAYOUT, log);
  const writer = new Writer(database, clock, log);
  const upkeep = createUpkeep(database, clock, log);
  return {
    lastEventId: () => writer.lastEventId(),
    event: (event) => writer.event(event),
    figures: (figures) => writer.figures(figures),
    silence: (silence) => writer.silence(silence),
    onKept: (listener) => writer.onKept(listener),
    onStatus: (listener) => writer.onStatus(listener),
    status: () => writer.status(),
    ...createReading(database, () => writer.told()),
    start: upkeep.start,
    close() {
      upkeep.stop();
      writer.close();
      database.close();
    },
  };
}
