import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildClients, type Client, type Clients } from './clients';
import { auditEntries, databaseIn, inDatabase, isAlive, newRun, openedRegistry, ownDirectory } from './state';

const RACERS = 10;
const ROUNDS = 200;
/** In every fifth round the winner is killed. */
const KILLED_EVERY = 5;

let clients: Clients;
beforeAll(async () => {
  clients = await buildClients();
}, 60_000);
afterEach(() => clients.endAll());
afterAll(() => clients.remove());

const startAll = (count: number, folder: string): Promise<Client[]> =>
  Promise.all(Array.from({ length: count }, () => clients.start(folder)));

describe('several programs on one registry', () => {
  it(`lets exactly one of ${RACERS} have a key, in each of ${ROUNDS} rounds, also after the holder was killed`, async () => {
    const folder = join(ownDirectory(), 'state');
    const racers = await startAll(RACERS, folder);
    let takeovers = 0;
    let killed: string | null = null;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const atMs = Date.now() + 5;
      const answers = await Promise.all(
        racers.map((racer, index) => racer.ask({ ask: 'begin', id: `${round}-${index}`, key: 'one', atMs })),
      );
      const winners = answers.flatMap((answer, index) => ('won' in answer && answer.won ? [index] : []));
      expect(winners, `winners of round ${round}`).toHaveLength(1);
      const [winner = 0] = winners;
      const id = `${round}-${winner}`;
      expect(new Set(answers.map((answer) => 'runId' in answer && answer.runId))).toEqual(new Set([id]));
      if (killed) takeovers += 1;
      killed = null;
      if (round % KILLED_EVERY === 0) {
        killed = id;
        await racers[winner]!.kill();
        racers[winner] = await clients.start(folder);
      } else {
        await racers[winner]!.ask({ ask: 'succeed', id });
      }
    }
    const { runs } = openedRegistry(folder);
    expect(runs.list()).toHaveLength(ROUNDS);
    expect(runs.list(['succeeded'])).toHaveLength(ROUNDS - ROUNDS / KILLED_EVERY);
    // The last one killed still has it: nobody came after.
    expect(takeovers).toBe(ROUNDS / KILLED_EVERY - 1);
    expect(runs.lease('one')?.runId).toBe(killed);
  }, 900_000);

  it('loses no change of one run that six make at once', async () => {
    const folder = ownDirectory();
    const { runs } = openedRegistry(folder);
    const begun = runs.begin(newRun('one'), isAlive);
    const updatedAt = begun.ok ? begun.run.updatedAt : 0;
    const times = 25;
    const changing = await startAll(6, folder);
    const answers = await Promise.all(changing.map((client) => client.ask({ ask: 'increment', id: 'one', times })));
    const added = answers.reduce((sum, answer) => sum + ('added' in answer ? answer.added : 0), 0);
    expect(added).toBe(6 * times);
    expect(runs.get('one')?.outputBytes).toBe(added);
    expect(runs.get('one')!.updatedAt).toBeGreaterThanOrEqual(updatedAt + added);
  }, 60_000);

  it('keeps each entry that it said was kept, though the writer is killed in the middle of the next', async () => {
    const folder = ownDirectory();
    for (let round = 0; round < 10; round += 1) {
      const writer = await clients.start(folder);
      const enough = 5 + Math.floor(Math.random() * 60);
      let kept = 0;
      await new Promise<void>((done) => {
        writer.child.on('message', (answer: { kept: number }) => {
          kept = answer.kept;
          if (kept >= enough) done();
        });
        writer.child.send({ ask: 'append' });
      });
      await writer.kill();
      const numbers = auditEntries(folder)
        .filter((entry) => entry.writer === writer.pid)
        .map((entry) => entry.number);
      expect(numbers.length).toBeGreaterThanOrEqual(kept);
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1));
    }
    expect(inDatabase(databaseIn(folder), (database) => database.prepare('PRAGMA integrity_check').all())).toEqual([
      { integrity_check: 'ok' },
    ]);
  }, 60_000);

  it('puts a damaged file aside once, though all find it at the same time', async () => {
    const folder = ownDirectory();
    for (let round = 0; round < 5; round += 1) {
      const racing = await startAll(6, folder);
      writeFileSync(databaseIn(folder), `no database ${'x'.repeat(8192)}`);
      const atMs = Date.now() + 5;
      const answers = await Promise.all(
        racing.map((client, index) => client.ask({ ask: 'begin', id: `${round}-${index}`, key: null, atMs })),
      );
      expect(answers.every((answer) => 'won' in answer && answer.won)).toBe(true);
      await clients.endAll();
      expect(readdirSync(folder).filter((name) => /damaged-[^/]*Z$/.test(name))).toHaveLength(round + 1);
      const { runs, close } = openedRegistry(folder);
      expect(
        runs
          .list()
          .map(({ id }) => id)
          .sort(),
      ).toEqual(racing.map((_, index) => `${round}-${index}`));
      close();
    }
  }, 60_000);

  it('tells of a kill that was begun and not finished once its program is gone, until that is marked', async () => {
    const folder = ownDirectory();
    const { audit } = openedRegistry(folder);
    const killer = await clients.start(folder);
    await killer.ask({ ask: 'intend', planId: 'finished' });
    await killer.ask({ ask: 'intend', planId: 'cut short' });
    await audit.append({ at: 5, kind: 'kill_outcome', receipt: { planId: 'finished' } });
    expect(audit.unfinishedKills()).toEqual([]); // It is still at it.
    await killer.kill();
    expect(audit.unfinishedKills()).toMatchObject([
      { planId: 'cut short', workerName: 'worker-1', askedBy: 'cli', pids: [41, 42] },
    ]);
    await audit.append({ at: 6, kind: 'kill_unfinished', planId: 'cut short' });
    expect(audit.unfinishedKills()).toEqual([]);
  });
});
