import { describe, expect, it } from 'vitest';
import { createProcessTable } from '../../../src/host/process-table';
import { ASK } from '../support/killing';
import { waitFor } from '../support/wait-for';
import { makeWorld, program, SLOW_MS, type WatchedOpenCode, type World, watchOpenCode } from './watched-opencode';

const HANG = { do: 'stall', chunks: 2 };
const STREAM = { do: 'stream', chunks: 5_000, everyMs: 100 };
const table = createProcessTable();

describe.skipIf(!program)('ending a session of a real OpenCode server', { timeout: 180_000 }, () => {
  it('asks the server to abort it, and nothing else, and the session can go on', async () => {
    const world = await makeWorld();
    const { openCode, standIn } = world;
    const watched = await watchOpenCode(world, undefined, { session_stale_secs: 2 });
    const stuck = await openCode.prompt('Stuck', standIn.told('Hang', HANG));
    const poem = await openCode.prompt('Poem', standIn.told('Write', STREAM), openCode.folder('other'));
    await watched.until('Poem', 'busy');
    await watched.until('Stuck', 'stalled');

    const plan = watched.killer.plan(watched.row('Stuck').id);
    expect(plan).toMatchObject({ refused: null, processes: [], session: null });
    expect(plan.steps[0]).toBe(
      `Ask the OpenCode server at ${openCode.url} to abort the session. The server itself is never ended.`,
    );
    const receipt = await end(watched, 'Stuck');
    expect(receipt).toMatchObject({ ended: true, processes: [] });
    expect(receipt.session).toMatch(/says that the session is at rest/);
    expect(await openCode.busy()).toEqual([poem]);
    await watched.until('Stuck', 'stopped');
    expect(watched.row('Stuck').reason).toBe('Ended from idlewatch');
    await watched.until('Poem', 'busy');

    await openCode.say(stuck, standIn.told('Go on', STREAM));
    await watched.until('Stuck', 'busy');
  });

  it('ends what its command left running, and leaves alone the server and what was there before', async () => {
    const world = await makeWorld();
    const { openCode, standIn, processes } = world;
    const before = 'nohup setsid sleep 4001 >/dev/null 2>&1 & true';
    await openCode.prompt('Early', standIn.told('Serve', { do: 'shell', command: before }));
    const early = await started(world, 'sleep 4001');
    await waitFor('it is at rest', async () => (await openCode.busy()).length === 0);
    await waitFor('that is long ago', () => Date.now() - startedAt(early) > 5_000);
    const watched = await watchOpenCode(world, undefined, { command_timeout_secs: 3, session_stale_secs: 3 });
    const left = 'nohup setsid sleep 4002 >/dev/null 2>&1 & exec sleep 4003';
    await openCode.prompt(
      'Leaves',
      standIn.told('Work', { do: 'tool', name: 'bash', arguments: { command: left, description: 'work' } }),
    );
    const [kept, main] = [await started(world, 'sleep 4002'), await started(world, 'sleep 4003')];
    await watched.until('Leaves', 'stalled');

    const plan = watched.killer.plan(watched.row('Leaves').id);
    expect(plan.processes.map(({ pid }) => pid).sort()).toEqual([kept, main].sort());
    const spared = new Map(plan.spared.map(({ pid, why }) => [pid, why]));
    expect(spared.get(openCode.pid)).toBe('the server is never ended');
    expect(spared.get(early)).toBe('it was started before the session began its work');

    const receipt = await end(watched, 'Leaves');
    expect(receipt.ended).toBe(true);
    const notes = new Map(receipt.processes.map(({ pid, note }) => [pid, note]));
    expect(notes.get(main)).toMatch(/^ended with its session/);
    expect(notes.get(kept)).toMatch(/^ended on SIGTERM/);
    expect([kept, main, early, openCode.pid].map(processes.isAlive)).toEqual([false, false, true, true]);
  });

  it('leaves alone what commands left running while another session of the server is at work', async () => {
    const world = await makeWorld();
    const { openCode, standIn, processes } = world;
    const watched = await watchOpenCode(world, undefined, { command_timeout_secs: 3, session_stale_secs: 3 });
    await openCode.prompt('Poem', standIn.told('Write', STREAM), openCode.folder('other'));
    await watched.until('Poem', 'busy');
    const left = 'nohup setsid sleep 4004 >/dev/null 2>&1 & exec sleep 4005';
    await openCode.prompt(
      'Leaves',
      standIn.told('Work', { do: 'tool', name: 'bash', arguments: { command: left, description: 'work' } }),
    );
    const [kept, main] = [await started(world, 'sleep 4004'), await started(world, 'sleep 4005')];
    await watched.until('Leaves', 'stalled');

    const plan = watched.killer.plan(watched.row('Leaves').id);
    expect(plan.processes).toEqual([]);
    expect(plan.spared.find(({ pid }) => pid === main)?.why).toBe(
      'whose command it is cannot be told: “Poem” of the same server is at work',
    );
    expect(await end(watched, 'Leaves')).toMatchObject({ ended: true, processes: [] });
    await waitFor('OpenCode has ended the command itself', () => !processes.isAlive(main));
    expect(processes.isAlive(kept)).toBe(true);
  });

  it('says so when the server does not answer any more', async () => {
    const world = await makeWorld();
    const { openCode, standIn } = world;
    const watched = await watchOpenCode(world, undefined, { session_stale_secs: 2 });
    await openCode.prompt('Stuck', standIn.told('Hang', HANG));
    await watched.until('Stuck', 'stalled');
    const plan = watched.killer.plan(watched.row('Stuck').id);
    await openCode.kill();
    const answer = await watched.killer.execute(plan.planId, ASK);
    expect(answer).toMatchObject({ ok: true, receipt: { ended: false } });
    expect(answer.ok && answer.receipt.summary).toMatch(/may not have ended.*is not known.*ECONNREFUSED/);
  });
});

async function end(watched: WatchedOpenCode, name: string) {
  const plan = watched.killer.plan(watched.row(name).id);
  const answer = await watched.killer.execute(plan.planId, ASK);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.receipt;
}

/** The process of this command line; it ends with the test. */
function started({ processes }: World, commandLine: string): Promise<number> {
  return waitFor(
    `${commandLine} runs`,
    () => {
      const listed = table.list();
      const found = listed.ok
        ? listed.processes.find(({ pid }) => table.commandLine(pid)?.trim() === commandLine)
        : null;
      if (found) processes.adopt(found.pid);
      return found?.pid;
    },
    SLOW_MS,
  );
}

function startedAt(pid: number): number {
  const look = table.inspect(pid);
  return look.liveness === 'alive' ? look.fact.startedAt : 0;
}
