import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../../src/engine/sources/claude-code/parse';
import { waitFor } from '../support/wait-for';
import { type SteppedSources, stepSources, watchSources } from '../support/watched-sources';
import { answer, claudeScene, prompt } from './support';

const scene = claudeScene();
const NAME = 'my.project';
const DAY_MS = 86_400_000;

const step = (): SteppedSources => stepSources({ 'claude-code': [scene().config] });
const living = async () => (await scene().processes.start('sleeper.mjs')).pid;

describe('a record that is not as it should be', () => {
  it.each([
    ['of a new status', { status: 'dreaming' }, 'expected status as busy, idle, waiting or shell, found “dreaming”'],
    ['without a status', { status: undefined }, 'expected status as busy, idle, waiting or shell, found none'],
    ['without a directory', { cwd: 7 }, 'expected cwd as an absolute path, found 7'],
  ])('%s is unknown, with one line, and the others go on', async (_, over, line) => {
    const [odd, well] = [await living(), await living()];
    scene().leave(odd, scene().recordOf(odd, { name: 'odd', ...over }));
    scene().leave(well, scene().recordOf(well, { name: 'well' }));
    const seen = step();
    expect(seen.row('odd')).toMatchObject({ health: 'unknown', reason: `Cannot be read: ${odd}.json: ${line}` });
    seen.step(10 * 60_000);
    expect(seen.notices('odd')).toEqual([`${odd}.json: ${line}`]);
    expect(seen.row('well')).toMatchObject({ state: 'ready', health: 'healthy' });
  });

  it.each([
    ['compacting', 'says “compacting”, which idlewatch does not know'],
    ['a\u202e\nb\u001b[2J', 'says “a�␊b␛[2J”, which idlewatch does not know'],
    [undefined, 'says no status'],
    ['busy', 'says busy'],
  ])('shows the status %j as it is among the evidence', async (status, words) => {
    const pid = await living();
    scene().leave(pid, scene().recordOf(pid, { status }));
    const evidence = step().report(NAME).evidence;
    expect(evidence.filter(({ kind }) => kind === 'report').map(({ text }) => text)).toEqual([words]);
  });

  it('keeps its last state while its status is unknown', async () => {
    const pid = await living();
    scene().transcript(`s-${pid}`, [prompt('go')]);
    scene().leave(pid, scene().recordOf(pid, { status: 'busy' }));
    const seen = step();
    expect(seen.row(NAME).state).toBe('busy');
    scene().leave(pid, scene().recordOf(pid, { status: 'dreaming' }));
    seen.step(60_000);
    expect(seen.row(NAME)).toMatchObject({ state: 'busy', health: 'unknown' });
  });

  it('counts as busy where it says so, from the first look on', async () => {
    const pid = await living();
    const statusUpdatedAt = Date.now() - 10 * 60_000;
    scene().leave(pid, scene().recordOf(pid, { status: 'busy', statusUpdatedAt }));
    const seen = step();
    expect(seen.row(NAME)).toMatchObject({ state: 'busy', health: 'unknown' });
  });

  it.each<[string, (pid: number) => void]>([
    ['busy, with its transcript nowhere', () => undefined],
    ['damaged since', (pid) => writeFileSync(join(scene().config, 'sessions', `${pid}.json`), 'x')],
  ])('of one that was %s holds nobody alive whose process is gone', async (_, spoil) => {
    const pid = await living();
    scene().leave(pid, scene().recordOf(pid, { status: 'busy' }));
    const seen = step();
    spoil(pid);
    seen.step(10 * 60_000);
    expect(seen.row(NAME)).toMatchObject({ state: 'busy', health: 'unknown' });
    process.kill(pid, 'SIGKILL');
    await waitFor('it has ended', () => !scene().processes.isAlive(pid));
    seen.step(60_000);
    expect(seen.row(NAME)).toMatchObject({ state: 'dead', reason: `Process ${pid} is gone` });
  });

  it.each([
    ['no JSON', '{"pid": ', /expected a JSON object, found “{"pid": ”/],
    ['no session', '{"pid": 4}', /expected sessionId/],
    ['a session that leads elsewhere', '{"pid": 4, "sessionId": "../../x"}', /expected sessionId.*found “..\/..\/x”/],
    ['bytes of no text', Buffer.from([0xff, 0xfe, 0x00, 0x80]), /expected a JSON object/],
    ['another process', '{"pid": 4, "sessionId": "x", "cwd": "/", "status": "idle"}', /expected pid as \d+, found 4/],
  ])('of %s is shown as unknown once that has lasted', async (_, content, line) => {
    const pid = await living();
    writeFileSync(join(scene().config, 'sessions', `${pid}.json`), content);
    const seen = step();
    seen.step(60_000);
    const [row] = seen.monitor.snapshot().workers;
    expect(row).toMatchObject({ health: 'unknown', reason: expect.stringMatching(line) });
    expect(seen.monitor.report(row!.id)?.process).toBeNull();
  });

  it.each<[string, (path: string) => void]>([
    ['a link that leads elsewhere', (path) => symlinkSync('/etc/hostname', path)],
    ['a pipe that nobody writes to', (path) => execFileSync('mkfifo', [path])],
    ['too long', (path) => writeFileSync(path, ' '.repeat(100_000))],
  ])('that is %s is not read', async (_, make) => {
    const pid = await living();
    make(join(scene().config, 'sessions', `${pid}.json`));
    const seen = step();
    seen.step(60_000);
    expect(seen.monitor.snapshot().workers).toMatchObject([
      { health: 'unknown', reason: expect.stringMatching(/expected a session's record, but it/) },
    ]);
  });

  it('is doubted for a quarter of a second while it is written', async () => {
    const pid = await living();
    const path = scene().leave(pid, scene().recordOf(pid));
    const seen = step();
    truncateSync(path, 20);
    seen.monitor.lookNow(seen.row(NAME).id);
    expect(seen.row(NAME).health).toBe('healthy');
    scene().leave(pid, scene().recordOf(pid, { status: 'waiting' }));
    seen.step(1_000);
    expect(seen.row(NAME)).toMatchObject({ state: 'waiting', health: 'healthy' });
    expect(seen.notices(NAME)).toEqual([]);
  });

  it('that vanished though its process lives makes it unknown, and gone with its process', async () => {
    const pid = await living();
    const path = scene().leave(pid, scene().recordOf(pid));
    const seen = step();
    renameSync(path, join(scene().config, 'elsewhere'));
    seen.step(60_000);
    expect(seen.row(NAME)).toMatchObject({ health: 'unknown', reason: expect.stringMatching(/there is no such file/) });
    process.kill(pid, 'SIGKILL');
    await waitFor('it has left', () => {
      seen.step(30_000);
      return seen.names().length === 0;
    });
  });
});

describe('records of processes that are gone', () => {
  it('are history, whoever has the pid now', async () => {
    const pid = await living();
    scene().leave(pid, { ...scene().recordOf(pid, { status: 'busy' }), procStart: '1' });
    const seen = step();
    seen.step(10 * 60_000);
    expect(seen.row(NAME)).toMatchObject({
      ...{ state: 'stopped', reason: 'Its program had ended before idlewatch looked' },
      ...{ canEnd: false, needsPerson: false, liveness: 'gone' },
    });
    expect(seen.report(NAME).process?.verified).toBe(false);
  });

  it('are shown for a day', async () => {
    const pid = await living();
    const path = scene().leave(pid, { ...scene().recordOf(pid), procStart: '1' }, Date.now() - 2 * DAY_MS);
    expect(step().names()).toEqual([]);
    expect(path).toContain(String(pid));
  });

  it('of another container say nothing of a process here', async () => {
    const pid = await living();
    scene().leave(pid, scene().recordOf(pid, { pidDomain: 'linux:0123:pid:[1]', procStart: '1' }));
    const seen = step();
    seen.step(60_000);
    expect(seen.row(NAME)).toMatchObject({ state: 'ready', liveness: 'unknown', pid: null });
  });
});

describe('a transcript', () => {
  it('that is not to be found makes a busy session unknown, not stalled', async () => {
    const pid = await living();
    scene().leave(pid, scene().recordOf(pid, { status: 'busy' }));
    const seen = step();
    expect(seen.row(NAME)).toMatchObject({ state: 'busy', health: 'healthy' });
    seen.step(60 * 60_000);
    expect(seen.row(NAME)).toMatchObject({ state: 'busy', health: 'unknown' });
    expect(seen.notices(NAME)).toEqual([
      expect.stringMatching(/^expected its transcript as projects\/.*, found none$/),
    ]);
  });

  it('is found in another folder than its directory’s', async () => {
    const pid = await living();
    const path = scene().transcript(`s-${pid}`, [answer('a', 5)]);
    renameSync(join(path, '..'), join(scene().config, 'projects', '-cut-short-1a2b3c'));
    scene().leave(pid, scene().recordOf(pid, { status: 'busy' }));
    expect(step().row(NAME).usage?.tokens).toBe(1_115);
  });

  it('is never read behind a link that leads elsewhere', async () => {
    const pid = await living();
    const { config, work } = scene();
    const secret = join(config, '..', 'secret.jsonl');
    writeFileSync(secret, `${JSON.stringify(answer('a', 5))}\n`);
    mkdirSync(join(config, 'projects', projectFolder(work)), { recursive: true });
    symlinkSync(secret, join(config, 'projects', projectFolder(work), `s-${pid}.jsonl`));
    scene().leave(pid, scene().recordOf(pid, { status: 'busy' }));
    const seen = step();
    expect(seen.row(NAME).usage?.tokens).toBeNull();
    expect(seen.monitor.logPath(seen.row(NAME).id)).toBeNull();
  });

  it('is not read in a folder that is a link out of all projects', async () => {
    const pid = await living();
    const { config, work } = scene();
    const outside = join(config, '..', 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, `s-${pid}.jsonl`), `${JSON.stringify(answer('a', 5))}\n`);
    mkdirSync(join(config, 'projects'));
    symlinkSync(outside, join(config, 'projects', projectFolder(work)));
    scene().leave(pid, scene().recordOf(pid, { status: 'busy' }));
    expect(step().row(NAME).usage?.tokens).toBeNull();
  });

  it('whose usage is another one tells no tokens, and says so once', async () => {
    const pid = await living();
    const odd = { message: { id: 'x', model: 'claude-x', usage: { input: 4 } } };
    scene().transcript(`s-${pid}`, [answer('a', 5), answer('b', 5, odd), answer('c', 5, odd)]);
    scene().leave(pid, scene().recordOf(pid, { status: 'busy' }));
    const seen = step();
    expect(seen.row(NAME)).toMatchObject({ state: 'busy', health: 'healthy', usage: { tokens: null, cost: null } });
    seen.step(60_000);
    expect(seen.notices(NAME)).toEqual([
      'Its tokens are not counted: expected message.usage.input_tokens as a number, found none',
    ]);
  });

  it('that is long is counted slice by slice, and one that is huge from its end', async () => {
    const [long, huge] = [await living(), await living()];
    const filler = prompt('x'.repeat(100_000));
    scene().transcript('long', [answer('a', 5), ...Array.from({ length: 60 }, () => filler), answer('b', 7)]);
    const path = scene().transcript('huge', [answer('a', 5)]);
    truncateSync(path, 1024 * 1024 * 1024);
    scene().leave(long, scene().recordOf(long, { sessionId: 'long', name: 'long', status: 'busy' }));
    scene().leave(huge, scene().recordOf(huge, { sessionId: 'huge', name: 'huge', status: 'busy' }));
    const before = process.memoryUsage().arrayBuffers;
    const seen = await watchSources({ 'claude-code': [scene().config] });
    await waitFor('the long one is counted', () => seen.row('long').usage?.tokens === 2 * 1_110 + 12);
    expect(seen.row('huge')).toMatchObject({ state: 'busy', health: 'healthy', usage: { tokens: null } });
    expect(seen.notices('huge')).toEqual([expect.stringMatching(/was long already/)]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });
});
