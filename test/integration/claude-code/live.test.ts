import { expect, it } from 'vitest';
import { waitFor } from '../support/wait-for';
import { watchSources } from '../support/watched-sources';
import { answer, claudeScene, prompt } from './support';

const scene = claudeScene();
const NAME = 'my.project';

/** New folders are watched from the sweep after they came on. */
const watch = () => watchSources({ 'claude-code': [scene().config] }, { settings: { sweepIntervalMs: 1_000 } });

it('a session is shown as its program says it is, at once', async () => {
  const session = await scene().start('one');
  const seen = await watch();
  expect(seen.row(NAME)).toMatchObject({
    id: 'claude-code:one',
    ...{ source: 'claude-code', state: 'ready', health: 'healthy', liveness: 'alive', pid: session.pid },
    ...{ path: scene().work, heartbeatAgeMs: null },
  });
  expect(seen.report(NAME).process).toMatchObject({ verified: true, from: 'report' });

  session.tell({ transcript: [prompt('do it')], set: { status: 'busy', name: 'fix the build' } });
  await waitFor('it is busy', () => seen.find('fix the build')?.state === 'busy');
  session.tell({ set: { status: 'waiting', waitingFor: 'permission prompt' } });
  await waitFor('it waits', () => seen.find('fix the build')?.reason === 'Asks: permission prompt');
  expect(seen.row('fix the build')).toMatchObject({ state: 'waiting', health: 'healthy' });
  session.tell({ set: { status: 'shell', waitingFor: undefined } });
  await waitFor('its shell command runs', () => seen.find('fix the build')?.state === 'busy');
  session.tell({ set: { status: 'idle' } });
  await waitFor('it is free', () => seen.find('fix the build')?.state === 'ready');
});

it('its tokens are counted once, its sub-agents with it', async () => {
  const session = await scene().start('one');
  session.tell({ set: { status: 'busy' }, transcript: [prompt('go'), answer('a', 1), answer('a', 5), answer('b', 7)] });
  const seen = await watch();
  await waitFor('both answers are counted', () => seen.row(NAME).usage?.tokens === 2 * 1_110 + 5 + 7);
  session.tell({ subagent: { agentId: 'abc', lines: [answer('c', 3)] } });
  session.tell({ transcript: [answer('b', 9)] });
  await waitFor('and what came since', () => seen.row(NAME).usage?.tokens === 3 * 1_110 + 5 + 9 + 3);
  const texts = seen.report(NAME).evidence.filter(({ kind }) => kind === 'transcript');
  expect(texts).toHaveLength(2);
  expect(texts[1]).toMatchObject({ text: '1 sub-agent', ageMs: expect.any(Number) });
});

it('killed while it works it is dead, while it rests it has stopped', async () => {
  const [working, resting] = [await scene().start('working'), await scene().start('resting')];
  working.tell({ set: { status: 'busy', name: 'working' }, transcript: [prompt('go')] });
  resting.tell({ set: { status: 'idle', name: 'resting' } });
  const seen = await watch();
  await waitFor('both are seen', () => seen.find('working')?.state === 'busy' && seen.find('resting'));
  for (const { pid } of [working, resting]) process.kill(pid, 'SIGKILL');
  await waitFor('the one is dead', () => seen.row('working').state === 'dead');
  await waitFor('the other has stopped', () => seen.row('resting').state === 'stopped');
  expect(seen.row('working').reason).toBe(`Process ${working.pid} is gone`);
  expect(seen.row('resting')).toMatchObject({ reason: 'Its program has ended', needsPerson: false, canEnd: false });
});

it('ended by itself it leaves, though it was busy a moment ago', async () => {
  const session = await scene().start('one');
  session.tell({ set: { status: 'busy' }, transcript: [prompt('go')] });
  const seen = await watch();
  await waitFor('it is busy', () => seen.row(NAME).state === 'busy');
  session.tell({ leave: true });
  await waitFor('it has left', () => seen.names().length === 0);
  expect(seen.events.filter(({ kind }) => kind === 'dead' || kind === 'stalled')).toEqual([]);
  expect(seen.events.find(({ kind }) => kind === 'left')?.text).toBe('Its session has ended');
});

it('another session in the same process is another worker', async () => {
  const session = await scene().start('one');
  const seen = await watch();
  session.tell({ set: { sessionId: 'two', status: 'busy' }, transcript: [prompt('go')] });
  await waitFor('the second is shown', () => seen.find(NAME)?.id === 'claude-code:two');
  expect(seen.names()).toHaveLength(1);
  expect(seen.row(NAME)).toMatchObject({ liveness: 'alive', pid: session.pid });
});

it('a session that a session started is shown as its', async () => {
  const session = await scene().start('above');
  session.tell({ set: { name: 'above', status: 'busy' }, transcript: [prompt('go')], below: ['under', scene().work] });
  const seen = await watch();
  await waitFor('both are seen', () => seen.find('above') && seen.find(NAME)?.liveness === 'alive');
  expect(seen.row(NAME)).toMatchObject({ id: 'claude-code:under', parentId: 'claude-code:above' });
  expect(seen.row('above').parentId).toBeNull();
});

it('one session in two processes is two workers', async () => {
  const [one, other] = [await scene().start('same'), await scene().start('same')];
  const seen = await watch();
  const ids = seen.monitor.snapshot().workers.map(({ id, pid }) => ({ id: id.replace(/@\d+$/, '@pid'), pid }));
  expect(ids.map(({ id }) => id).sort()).toEqual(['claude-code:same', 'claude-code:same@pid']);
  expect(ids.map(({ pid }) => pid).sort()).toEqual([one.pid, other.pid].sort());
});
