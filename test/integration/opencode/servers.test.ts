import { describe, expect, it } from 'vitest';
import { ON_THIS_MACHINE } from '../../../src/engine/monitor-types';
import type { ProcessTable } from '../../../src/engine/ports';
import { createProcessTable } from '../../../src/host/process-table';
import type { OpenCode } from '../support/opencode';
import { waitFor } from '../support/wait-for';
import { makeWorld, program, watchOpenCode } from './watched-opencode';

const STREAM = { do: 'stream', chunks: 5_000, everyMs: 100 };

describe.skipIf(!program)('real OpenCode servers', { timeout: 180_000 }, () => {
  it('that are named and killed cannot be read, their sessions keep their state, and both come back with the server', async () => {
    const world = await makeWorld();
    const { openCode, standIn } = world;
    const watched = await watchOpenCode(world);
    const poem = await openCode.prompt('Poem', standIn.told('Write', STREAM));
    await watched.until('Poem', 'busy');
    await openCode.kill();
    await waitFor('it cannot be read', () => watched.row('Poem').health === 'unknown');
    expect(watched.row('Poem')).toMatchObject({ state: 'busy', liveness: 'unknown' });
    // What was asked while it died is cut off first.
    const refused = /^Cannot be read: its server http:.*ECONNREFUSED/;
    await waitFor('nobody is there to ask', () => refused.test(watched.row('Poem').reason));
    expect(watched.row('Poem')).toMatchObject({ state: 'busy', health: 'unknown', liveness: 'unknown' });
    const [root] = watched.monitor.roots();
    expect(root).toMatchObject({ path: openCode.url, workers: 1 });
    expect(root?.unreadable).toMatch(/ECONNREFUSED/);

    await openCode.start();
    await watched.until('Poem', 'ready');
    expect(watched.row('Poem').health).toBe('healthy');
    expect(watched.monitor.roots()[0]?.unreadable).toBeNull();
    await openCode.say(poem, standIn.told('Go on', STREAM));
    await watched.until('Poem', 'busy');
  });

  it('want their password, and are read with it', async () => {
    const world = await makeWorld({ password: 'p@ss:word' });
    const { openCode, standIn } = world;
    await openCode.prompt('Poem', standIn.told('Write', STREAM));
    const without = await watchOpenCode(world);
    const refused = /wants another user and password \(HTTP 401\)/;
    await waitFor('it is refused', () => refused.test(without.monitor.roots()[0]?.unreadable ?? ''));
    expect(without.names()).toEqual([]);

    const secret = encodeURIComponent('p@ss:word');
    const watched = await watchOpenCode(world, [openCode.url.replace('//', `//opencode:${secret}@`)]);
    await watched.until('Poem', 'busy');
    const told = JSON.stringify([watched.monitor.snapshot(), watched.report('Poem'), watched.monitor.roots()]);
    expect(told).not.toContain('word');
  });

  it('of this machine are found by themselves, unless they have another home', async () => {
    const world = await makeWorld();
    const { openCode, standIn, another } = world;
    const second = await another('second');
    await openCode.prompt('At home', standIn.told('Write', STREAM));
    await second.prompt('Elsewhere', standIn.told('Write', STREAM));
    const processTable = atHomeOf(openCode);
    const watched = await watchOpenCode(world, [ON_THIS_MACHINE], {}, { processTable });
    await watched.until('At home', 'busy');
    expect(watched.monitor.roots().map(({ path }) => path)).toEqual([openCode.url]);
    expect(watched.monitor.killTarget(watched.row('At home').id)?.abort?.serverProcess?.pid).toBe(openCode.pid);

    const both = await watchOpenCode(world, [ON_THIS_MACHINE, second.url], {}, { processTable });
    await both.until('At home', 'busy');
    await both.until('Elsewhere', 'busy');
  });

  it('of this machine that have ended are no fault: their sessions have stopped, and both come back with the server', async () => {
    const world = await makeWorld();
    const { openCode, standIn } = world;
    const poem = await openCode.prompt('Poem', standIn.told('Write', STREAM));
    const table = atHomeOf(openCode);
    let isBlind = false;
    const inspect: ProcessTable['inspect'] = (pid) =>
      isBlind ? { liveness: 'unknown', reason: 'nobody looks' } : table.inspect(pid);
    const watched = await watchOpenCode(world, [ON_THIS_MACHINE], {}, { processTable: { ...table, inspect } });
    await watched.until('Poem', 'busy');

    // That nobody could look is no sign of an end.
    isBlind = true;
    await openCode.kill();
    await waitFor('nobody is there to ask', () => /ECONNREFUSED/.test(watched.row('Poem').reason));
    expect(watched.monitor.roots()[0]?.unreadable).toMatch(/ECONNREFUSED/);
    expect(watched.row('Poem')).toMatchObject({ state: 'busy', health: 'unknown', liveness: 'unknown' });

    isBlind = false;
    await watched.until('Poem', 'stopped');
    expect(watched.row('Poem')).toMatchObject({
      health: 'unknown',
      liveness: 'gone',
      reason: 'Its server has ended',
      failure: null,
      needsPerson: false,
      canEnd: false,
    });
    expect(watched.monitor.roots()).toEqual([]);
    expect(watched.events.filter(({ kind }) => kind === 'dead' || kind === 'stalled')).toEqual([]);

    await openCode.start();
    await watched.until('Poem', 'ready');
    expect(watched.monitor.roots()).toEqual([{ path: openCode.url, workers: 1, unreadable: null }]);
    await openCode.say(poem, standIn.told('Go on', STREAM));
    await watched.until('Poem', 'busy');
  });

  it('that share their sessions show each of them once, where it is at work', async () => {
    const world = await makeWorld();
    const { openCode, standIn, another } = world;
    const twin = await another('first');
    await openCode.prompt('Poem', standIn.told('Write', STREAM));
    const watched = await watchOpenCode(world, [twin.url, openCode.url]);
    await watched.until('Poem', 'busy');
    expect(watched.names()).toEqual(['Poem']);
    expect(watched.monitor.killTarget(watched.row('Poem').id)?.abort?.server).toBe(openCode.url);

    await openCode.kill();
    // Its twin has the session too, and knows that nobody works on it.
    await watched.until('Poem', 'ready');
    expect(watched.monitor.killTarget(watched.row('Poem').id)?.abort?.server).toBe(twin.url);
  });
});

/** The processes as they are; but the test's own home is that of the server: the person's servers are not its business. */
function atHomeOf(openCode: OpenCode): ProcessTable {
  const table = createProcessTable();
  const home = table.environmentValue(openCode.pid, 'HOME');
  const environmentValue = (pid: number, name: string) =>
    pid === process.pid && name === 'HOME' ? home : table.environmentValue(pid, name);
  return { ...table, environmentValue };
}
