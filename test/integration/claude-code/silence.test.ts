import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Settings } from '../../../src/shared/settings';
import { type SteppedSources, stepSources } from '../support/watched-sources';
import { answer, claudeScene, grow, prompt } from './support';

const scene = claudeScene();
const NAME = 'my.project';
const MINUTE_MS = 60_000;
const STALE_MS = 300_000;

/** A session of a living process that has been in `status` since just now, with a transcript as old. */
async function session(status: string, over: object = {}) {
  const { processes, leave, recordOf, transcript } = scene();
  const { pid } = await processes.start('sleeper.mjs');
  const path = transcript('s', [prompt('go'), answer('a', 1)]);
  const write = (changes: object) => leave(pid, recordOf(pid, { sessionId: 's', status, ...over, ...changes }));
  write({});
  return { pid, path, write };
}

const step = (settings: Partial<Settings> = {}): SteppedSources =>
  stepSources({ 'claude-code': [scene().config] }, { settings });

it('busy without anything happening for the stale time it is stalled, and well again once its transcript grows', async () => {
  const { path } = await session('busy');
  const seen = step();
  seen.step(STALE_MS - MINUTE_MS);
  expect(seen.row(NAME)).toMatchObject({ state: 'busy', health: 'late' });
  seen.step(MINUTE_MS);
  expect(seen.row(NAME)).toMatchObject({ state: 'stalled', health: 'stalled', canEnd: true });
  expect(seen.row(NAME).reason).toMatch(/^Busy without progress for 5 min/);
  grow(path, answer('b', 1), seen.clock.wallMs());
  seen.step(MINUTE_MS);
  expect(seen.row(NAME)).toMatchObject({ state: 'busy', health: 'healthy' });
});

it('busy for long while its transcript grows now and then it is well', async () => {
  const { path } = await session('busy');
  const seen = step();
  for (let minutes = 0; minutes < 60; minutes += 4) {
    seen.step(4 * MINUTE_MS);
    grow(path, answer(`m${minutes}`, 1), seen.clock.wallMs());
  }
  expect(seen.events.filter(({ kind }) => kind === 'stalled')).toEqual([]);
  expect(seen.row(NAME).state).toBe('busy');
});

it('busy for long while a sub-agent works it is well', async () => {
  const { path } = await session('busy');
  const subagents = join(path.replace(/\.jsonl$/, ''), 'subagents');
  mkdirSync(subagents, { recursive: true });
  const seen = step();
  for (let round = 0; round < 5; round += 1) {
    seen.step(4 * MINUTE_MS);
    grow(join(subagents, 'agent-abc.jsonl'), answer(`m${round}`, 1), seen.clock.wallMs());
  }
  expect(seen.events.filter(({ kind }) => kind === 'stalled')).toEqual([]);
});

it('busy for long while it goes on in a transcript of another name it is well', async () => {
  const { path } = await session('busy');
  const seen = step();
  for (let round = 0; round < 5; round += 1) {
    seen.step(4 * MINUTE_MS);
    grow(path.replace('s.jsonl', 'after-clear.jsonl'), answer(`m${round}`, 1), seen.clock.wallMs());
  }
  expect(seen.events.filter(({ kind }) => kind === 'stalled')).toEqual([]);
  const texts = seen.report(NAME).evidence.map(({ text }) => text);
  expect(texts).toContain('beside it grows after-clear.jsonl');
});

it('a neighbour’s transcript in the same folder holds nothing off', async () => {
  const { path } = await session('busy');
  const { pid } = await scene().processes.start('sleeper.mjs');
  scene().leave(pid, scene().recordOf(pid, { sessionId: 'other', name: 'other', status: 'busy' }));
  const seen = step();
  for (let round = 0; round < 3; round += 1) {
    seen.step(2 * MINUTE_MS);
    grow(path.replace('s.jsonl', 'other.jsonl'), answer(`m${round}`, 1), seen.clock.wallMs());
  }
  expect(seen.row(NAME).state).toBe('stalled');
  expect(seen.row('other').state).toBe('busy');
});

it.each(['idle', 'waiting', 'shell'])('%s for hours is no fault', async (status) => {
  await session(status);
  const seen = step();
  seen.step(5 * 60 * MINUTE_MS);
  expect(seen.row(NAME)).toMatchObject({ health: 'healthy', needsPerson: false });
});

it('work that begins is not measured by the silence before it', async () => {
  const { write } = await session('idle');
  const seen = step();
  seen.step(60 * MINUTE_MS);
  write({ status: 'busy', statusUpdatedAt: seen.clock.wallMs() });
  seen.step(STALE_MS - MINUTE_MS);
  expect(seen.row(NAME).state).toBe('busy');
  seen.step(2 * MINUTE_MS);
  expect(seen.row(NAME).state).toBe('stalled');
});

it('busy for longer in all than a person has said it is stalled, however much it writes', async () => {
  const { path } = await session('busy');
  const seen = step({ sessionMaxRunMinutes: 30 });
  for (let minutes = 0; minutes < 32; minutes += 4) {
    seen.step(4 * MINUTE_MS);
    grow(path, answer(`m${minutes}`, 1), seen.clock.wallMs());
  }
  expect(seen.row(NAME)).toMatchObject({ state: 'stalled', reason: expect.stringMatching(/allowed 30 min/) });
});

it('a command that was approved an hour after it was asked for is timed from then on', async () => {
  const { path, write } = await session('busy');
  const seen = step();
  const content = [{ type: 'tool_use', id: 't', name: 'Bash', input: { command: 'make' } }];
  const timestamp = new Date(seen.clock.wallMs()).toISOString();
  grow(path, { type: 'assistant', timestamp, message: { model: '<synthetic>', content } }, seen.clock.wallMs());
  write({ status: 'waiting', waitingFor: 'permission prompt', statusUpdatedAt: seen.clock.wallMs() });
  seen.step(60 * MINUTE_MS);
  expect(seen.row(NAME).reason).toBe('Asks: permission prompt');
  write({ status: 'busy', statusUpdatedAt: seen.clock.wallMs() });
  seen.step(MINUTE_MS);
  expect(seen.row(NAME)).toMatchObject({ state: 'busy', reason: 'Running “Bash: make” (allowed 5 min)' });
  seen.step(5 * MINUTE_MS);
  expect(seen.row(NAME).reason).toMatch(/^“Bash: make” has been running for 5 min .*\(allowed 5 min\)$/);
});

it('a time from the future is not believed', async () => {
  await session('busy', { statusUpdatedAt: Date.now() + 60 * MINUTE_MS });
  const seen = step();
  expect(seen.report(NAME).evidence.find(({ kind }) => kind === 'clock_skew')?.text).toMatch(/59 min/);
  seen.step(STALE_MS + MINUTE_MS);
  expect(seen.row(NAME).state).toBe('stalled');
});
