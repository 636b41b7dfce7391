import type { ForeignTables, Http, KnownEnds, Multiplexer, SnoozeBook } from '../../src/engine/ports';
import type { RunRegistry } from '../../src/engine/run-registry';

/** For monitors that watch worker directories alone: whoever asks these fails. */
export const absent: {
  multiplexer: Multiplexer;
  http: Http;
  tables: ForeignTables;
  runs: RunRegistry;
  snoozes: SnoozeBook;
  ends: KnownEnds;
  routinesDirectory: string;
} = {
  multiplexer: refusing('multiplexer'),
  http: refusing('http client'),
  tables: refusing('reader of tables'),
  runs: refusing('run registry'),
  snoozes: { find: () => null, note: () => undefined, drop: () => undefined },
  ends: { endedAt: () => null, isUnderWay: () => false },
  routinesDirectory: '/there/are/no/routines',
};

function refusing<Port extends object>(name: string): Port {
  return new Proxy({} as Port, {
    get: (_, method) => {
      throw new Error(`the ${name} is not part of this test, and was asked for ${String(method)}`);
    },
  });
}
