import type { Logger } from '../engine/ports';
import { createClock } from './clock';
import { createFileEvents } from './file-events';
import { createFiles } from './files';
import { createForeignTables } from './foreign-tables';
import { createHttp } from './http';
import { createLoadProbe } from './load-probe';
import { createMemoryProbe } from './memory-probe';
import { createProcessTable } from './process-table';
import { openRegistry } from './registry';
import { createRunSpool } from './registry/spool';
import { createTreeRemover } from './remove-tree';
import { createSignals } from './signals';
import { createSnoozeBook } from './snooze-book';
import { createTmux } from './tmux';
import { routinesDirectory } from './workbench-directories';
import { createWorkbenchNotes } from './workbench-notes';

/** This machine, as the engine's ports ask for it. `stateFolder`: where the run registry and the audit log are kept. */
export type Machine = ReturnType<typeof createMachine>;

/** Nothing is read or written before it is asked for. `close` lets go of the registry. */
export function createMachine(stateFolder: string, log: Logger) {
  const processTable = createProcessTable();
  const { runs, audit, ends, killsSince, close } = openRegistry(stateFolder, log);
  return {
    log,
    clock: createClock(),
    files: createFiles(),
    fileEvents: createFileEvents(log),
    processTable,
    memoryProbe: createMemoryProbe(),
    load: createLoadProbe(),
    multiplexer: createTmux(),
    http: createHttp(),
    tables: createForeignTables(stateFolder),
    routinesDirectory: routinesDirectory(process.env),
    signals: createSignals(),
    remover: createTreeRemover(),
    workbenches: createWorkbenchNotes(),
    runs,
    audit,
    ends,
    killsSince,
    spool: createRunSpool(stateFolder, log),
    snoozes: createSnoozeBook(stateFolder, log),
    close,
  };
}
