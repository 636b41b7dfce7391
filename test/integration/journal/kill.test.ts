import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Told } from '../../fixtures/programs/journal-client';
import { type BuiltProgram, buildProgram, killProgram } from '../support/built-program';
import { idsOf, inFile, openedJournal, ownDirectory, upTo } from './state';

const ROUNDS = 25;

let program: BuiltProgram;
const running = new Set<ChildProcess>();
beforeAll(async () => {
  program = await buildProgram('journal-client');
}, 60_000);
afterEach(async () => {
  await Promise.all([...running].map(killProgram));
  running.clear();
});
afterAll(() => program.remove());

/** What a writer said before it was killed. */
interface Said {
  kept: number[];
  figures: number;
}

/** Let a program write, and kill it at a moment it knows nothing of, once it has told enough. */
async function writeUntilKilled(folder: string): Promise<Said> {
  const child = await program.start(folder);
  running.add(child);
  const said: Said = { kept: [], figures: 0 };
  const enough = 1 + Math.floor(Math.random() * 60);
  await new Promise<void>((done) => {
    child.on('message', (told: Told) => {
      if (told === 'ready') return;
      if ('kept' in told) said.kept.push(...told.kept);
      else said.figures = told.figures;
      if (said.kept.length >= enough && said.figures > 0) setTimeout(done, Math.random() * 30);
    });
    child.send('begin');
  });
  await killProgram(child);
  running.delete(child);
  return said;
}

it(`keeps each event it said was kept, and all figures, over ${ROUNDS} kills at any moment`, async () => {
  const folder = ownDirectory();
  const kept: number[] = [];
  let samples = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const said = await writeUntilKilled(folder);
    kept.push(...said.kept);
    samples += said.figures;
    const journal = openedJournal(folder);
    const found = idsOf(journal.eventsAfter(0, 1_000_000));
    expect(new Set(found).size).toBe(found.length);
    expect(kept.filter((id) => !found.includes(id))).toEqual([]);
    // Ids go on without a gap: what was not told as kept may be there or not, but nothing before it is missing.
    expect(found).toEqual(upTo(found.length));
    journal.close();
    const sums = inFile(folder, (file) =>
      file.prepare('SELECT sum(samples) AS samples FROM figures GROUP BY span_ms').all(),
    ).map((row) => row.samples as number);
    expect(new Set(sums).size).toBe(1);
    expect(sums[0]).toBeGreaterThanOrEqual(samples);
  }
  expect(kept.length).toBeGreaterThan(ROUNDS);
  expect(inFile(folder, (file) => file.prepare('PRAGMA integrity_check').all())).toEqual([{ integrity_check: 'ok' }]);
}, 180_000);

it('lets two programs write at once, one of them killed again and again', async () => {
  const folder = ownDirectory();
  const lasting = await program.start(folder);
  running.add(lasting);
  const kept: number[] = [];
  lasting.on('message', (told: Told) => {
    if (told !== 'ready' && 'kept' in told) kept.push(...told.kept);
  });
  lasting.send('begin');
  for (let round = 0; round < 5; round += 1) kept.push(...(await writeUntilKilled(folder)).kept);
  await killProgram(lasting);
  const found = idsOf(openedJournal(folder).eventsAfter(0, 1_000_000));
  expect(found).toEqual(upTo(found.length));
  expect(kept.filter((id) => !found.includes(id))).toEqual([]);
  expect(new Set(kept).size).toBe(kept.length);
  expect(inFile(folder, (file) => file.prepare('PRAGMA integrity_check').all())).toEqual([{ integrity_check: 'ok' }]);
}, 180_000);
