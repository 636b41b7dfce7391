import { createClock } from '../../../src/host/clock';
import { openJournal } from '../../../src/host/journal';
import { stateFolder } from '../../../src/host/state-folder';
import type { Silence } from '../../../src/shared/model';
import { aSilence } from '../../fixtures/silence';
import type { Home } from './app';

/** What a home's journal holds before anything runs: silences of five hours ago, or of what a test makes of them. */
export function recordSilences(home: Home, ...silences: Partial<Silence>[]): void {
  const folder = stateFolder({ XDG_STATE_HOME: home.stateHome });
  const journal = openJournal(folder, { warn: (message) => console.error(message) }, createClock());
  for (const silence of silences) journal.silence(aSilence({ silentFrom: Date.now() - 18_000_000, ...silence }));
  journal.close();
}
