import { beforeEach, expect, it } from 'vitest';
import type { Multiplexer, SessionListing, TerminalSession } from '../../../../../src/engine/ports';
import { Sessions } from '../../../../../src/engine/sources/workbench/sessions';
import { SteppedClock } from '../../../../fakes/stepped-clock';

const INTERVAL_MS = 5_000;
const FAILED: SessionListing = { ok: false, reason: 'tmux did not answer within 3 s' };

let clock: SteppedClock;
let answers: SessionListing[];
let sessions: Sessions;

const session = (name: string): TerminalSession => ({ name, id: '$1', serverPid: 7, createdAt: 0, panePids: [8] });
const listing = (...names: string[]): SessionListing => ({ ok: true, sessions: names.map(session) });

beforeEach(() => {
  clock = new SteppedClock();
  clock.step(60_000);
  answers = [];
  const multiplexer: Multiplexer = {
    sessions: async () => answers.shift() ?? listing(),
    endSession: async () => ({ ok: false, reason: 'not asked here' }),
  };
  sessions = new Sessions(multiplexer, clock, INTERVAL_MS);
});

async function ask(...given: SessionListing[]): Promise<void> {
  clock.step(INTERVAL_MS);
  answers = given;
  await sessions.refresh();
}

it('knows nothing before it asked', () => {
  expect(sessions.find('a', 0)).toEqual({ known: 'unknown', reason: 'tmux has not been asked yet' });
});

it('finds a session by its whole name', async () => {
  await ask(listing('a-1', 'a-10'), listing('a-1', 'a-10'));
  expect(sessions.find('a-1', 0)).toEqual({ known: 'alive', session: session('a-1') });
  expect(sessions.find('a', 0).known).toBe('absent');
});

it('calls a session absent only after two answers in a row without it', async () => {
  await ask(listing('a'), listing('a'));
  await ask(listing());
  expect(sessions.find('a', 0).known).toBe('unknown');
  await ask(listing());
  expect(sessions.find('a', 0).known).toBe('absent');
});

it('takes a failure for no answer, and counts anew after it', async () => {
  await ask(listing('a'), listing('a'));
  await ask(listing());
  await ask(FAILED);
  expect(sessions.find('a', 0)).toEqual({ known: 'unknown', reason: FAILED.ok ? '' : FAILED.reason });
  await ask(listing(), FAILED);
  expect(sessions.find('a', 0).known).toBe('unknown');
  await ask(listing(), listing());
  expect(sessions.find('a', 0).known).toBe('absent');
});

it('forgets an answer that is older than three intervals', async () => {
  await ask(listing('a'), listing('a'));
  clock.step(3 * INTERVAL_MS);
  expect(sessions.find('a', 0).known).toBe('alive');
  clock.step(1);
  expect(sessions.find('a', 0)).toEqual({ known: 'unknown', reason: 'tmux gave its last answer 15 s ago' });
  expect(sessions.find('b', 0).known).toBe('unknown');
});

it('does not go by what was said before the session can have been there', async () => {
  await ask(listing(), listing());
  const foundMs = clock.monotonicMs() + 1;
  expect(sessions.find('a', foundMs).known).toBe('unknown');
  await ask(listing());
  expect(sessions.find('a', foundMs).known).toBe('unknown');
  await ask(listing());
  expect(sessions.find('a', foundMs).known).toBe('absent');
});

it('asks once for all who ask at the same time', async () => {
  answers = [listing('a'), listing('a'), FAILED];
  await Promise.all([sessions.refresh(), sessions.refresh(), sessions.refresh()]);
  expect(sessions.find('a', 0).known).toBe('alive');
});
