import { describe, expect, it } from 'vitest';
import type { OpenCode } from '../support/opencode';
import { waitFor } from '../support/wait-for';
import { makeWorld, program, SLOW_MS, watchOpenCode } from './watched-opencode';

const STREAM = { do: 'stream', chunks: 5_000, everyMs: 100 };
const HANG = { do: 'stall', chunks: 2 };
const ASKS = { config: { permission: { bash: 'ask' } } };

describe.skipIf(!program)('sessions of a real OpenCode server', { timeout: 300_000 }, () => {
  it('are shown as busy while they stream, as ready once they are done, with tokens, and as stalled when they hang', async () => {
    const world = await makeWorld();
    const { openCode, standIn } = world;
    await openCode.prompt('Quick', standIn.told('Say it', { do: 'answer', text: 'Hello.' }));
    // On a busy machine the server itself can be silent for ten seconds while it streams.
    const watched = await watchOpenCode(world, undefined, { session_stale_secs: 30 });
    await openCode.prompt('Poem', standIn.told('Write a poem', STREAM));
    await openCode.prompt('Stuck', standIn.told('Hang', HANG));

    await watched.until('Quick', 'ready');
    await watched.until('Poem', 'busy');
    await watched.until('Stuck', 'stalled', SLOW_MS + 30_000);
    expect(watched.row('Stuck').reason).toMatch(/^Busy without progress for/);
    expect(watched.row('Stuck')).toMatchObject({
      health: 'stalled',
      canEnd: true,
      source: 'opencode',
      liveness: 'alive',
    });
    expect(watched.row('Poem')).toMatchObject({ state: 'busy', health: 'healthy', canEnd: false });
    expect(watched.row('Quick').usage?.tokens).toBeGreaterThan(0);
    expect(watched.monitor.roots()).toEqual([{ path: openCode.url, workers: 3, unreadable: null }]);
  });

  it('are judged by what they did before idlewatch began', async () => {
    const world = await makeWorld();
    const { openCode, standIn } = world;
    await openCode.prompt('Stuck', standIn.told('Hang', HANG));
    await waitFor('it hangs', async () => (await standIn.requests()).some(({ state }) => state === 'open'));
    const hungAt = Date.now();
    await waitFor('it has hung for a while', () => Date.now() - hungAt > 6_000);
    const watched = await watchOpenCode(world, undefined, { session_stale_secs: 5 });
    await watched.until('Stuck', 'stalled');
    expect(watched.row('Stuck').reason).toMatch(/^Busy without progress for ([6-9]|\d\d) s/);
  });

  it('are late and not stalled while their server reads an answer it tells nothing of, and stalled once nothing comes', async () => {
    const world = await makeWorld();
    const { openCode, standIn } = world;
    // The arguments of a call come in piece by piece: OpenCode tells of the call once it is whole.
    const composes = { do: 'compose', name: 'write', chunks: 2_200, everyMs: 15 };
    await openCode.prompt('Writer', standIn.told('Write a long file', composes, HANG));
    const watched = await watchOpenCode(world, undefined, { session_stale_secs: 12 });
    const isOver = () => /^Silent for/.test(watched.row('Writer').reason);
    await waitFor('it has been silent for too long', isOver, SLOW_MS);
    const report = watched.report('Writer');
    expect(report).toMatchObject({ state: 'busy', health: 'late' });
    await waitFor('it is known', () => /at work with a connection open$/.test(watched.row('Writer').reason));
    const evidence = watched.report('Writer').evidence.find(({ kind }) => kind === 'in_flight');
    expect(evidence?.text).toMatch(
      new RegExp(`^process ${openCode.pid}, in which nobody else is at work, uses \\d+ %`),
    );
    expect(watched.monitor.killTarget(report.id)?.claim).toBeNull();
    expect(watched.events.filter(({ kind }) => kind === 'stalled')).toEqual([]);
    await watched.until('Writer', 'stalled');
    expect(world.processes.isAlive(openCode.pid)).toBe(true);
  });

  it('wait for the person while they ask, and go on once they are answered', async () => {
    const world = await makeWorld(ASKS);
    const { openCode, standIn } = world;
    const watched = await watchOpenCode(world, undefined, { session_stale_secs: 2 });
    await openCode.prompt('Asks', standIn.told('Run', { do: 'shell', command: 'sleep 300' }));
    await watched.until('Asks', 'waiting');
    expect(watched.row('Asks').reason).toBe('Asks: permission for bash: sleep 300');
    const late = await watchOpenCode(world);
    await late.until('Asks', 'waiting');
    expect(late.row('Asks').reason).toBe('Asks: permission for bash: sleep 300');

    const [asked] = (await openCode.ask('/permission')) as { id: string }[];
    await openCode.ask(`/permission/${asked?.id}/reply`, { reply: 'once' });
    await watched.until('Asks', 'busy');
    expect(watched.row('Asks').reason).toMatch(/sleep 300|Asked not to be missed/);
  });

  it('ask in words when they ask a question', async () => {
    const world = await makeWorld();
    const options = [
      { label: 'Red', description: 'r' },
      { label: 'Blue', description: 'b' },
    ];
    const asked = { questions: [{ question: 'Which colour?', header: 'Colour', options }] };
    const id = await world.openCode.prompt(
      'Asks',
      world.standIn.told('Ask', { do: 'tool', name: 'question', arguments: asked }),
    );
    const watched = await watchOpenCode(world);
    await watched.until('Asks', 'waiting');
    expect(watched.row('Asks').reason).toBe('Asks: Which colour? (Red, Blue)');

    await world.openCode.ask(`/session/${id}/abort`, {});
    await watched.until('Asks', 'ready');
  });

  it('roll up: who has a sub-agent at work is at work, and waits when that asks', async () => {
    const world = await makeWorld(ASKS);
    const { openCode, standIn } = world;
    const helper = standIn.told('Look around', { do: 'shell', command: 'true' });
    const delegate = { description: 'look', prompt: helper, subagent_type: 'general' };
    const watched = await watchOpenCode(world, undefined, { session_stale_secs: 3 });
    await openCode.prompt('Boss', standIn.told('Delegate', { do: 'tool', name: 'task', arguments: delegate }));
    await watched.until('Boss', 'waiting');
    const names = watched.names();
    const sub = names.find((name) => name !== 'Boss') ?? '';
    expect(watched.row(sub)).toMatchObject({ state: 'waiting', parentId: watched.row('Boss').id });
    expect(watched.row('Boss').reason).toContain(`asked by “${sub}”`);
  });

  it('of two directories are all seen, and a directory nobody works in is not loaded', async () => {
    const world = await makeWorld();
    const { openCode, standIn } = world;
    const [one, two] = [openCode.folder('one'), openCode.folder('two')];
    await openCode.prompt('One', standIn.told('Say', { do: 'answer', text: 'Hi' }), one);
    await openCode.prompt('Old', standIn.told('Say', { do: 'answer', text: 'Hi' }), openCode.folder('old'));
    // When a process began is known to the second: what was touched just before may have been touched since.
    await waitFor('all is done, and that is long ago', () => restsFor(openCode, 3_000), SLOW_MS);
    await openCode.kill();
    const before = openCode.log().length;
    await openCode.start();
    await openCode.prompt('Two', standIn.told('Write', STREAM), two);
    const watched = await watchOpenCode(world);
    await watched.until('Two', 'busy');
    // Its events may tell of one that works before it has listed all there are.
    await watched.until('One', 'ready');
    await watched.until('Old', 'ready');
    const loaded = openCode
      .log()
      .slice(before)
      .matchAll(/"creating instance" directory=(\S+)/g);
    expect([...loaded].map(([, directory]) => directory).sort()).toEqual([two, openCode.directory].sort());
  });
});

async function restsFor(openCode: OpenCode, ms: number): Promise<boolean> {
  const sessions = (await openCode.ask('/experimental/session')) as { time: { updated: number } }[];
  const isLongAgo = sessions.every(({ time }) => Date.now() - time.updated > ms);
  return isLongAgo && (await openCode.busy()).length === 0;
}
