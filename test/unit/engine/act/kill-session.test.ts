import { describe, expect, it } from 'vitest';
import { createKiller, type KillerOptions } from '../../../../src/engine/act/kill';
import type { KillTarget } from '../../../../src/engine/monitor-types';
import type { Multiplexer, SessionListing, TerminalSession } from '../../../../src/engine/ports';
import { hurryingClock } from '../../../fakes/hurrying-clock';
import { killTarget } from '../../../fakes/kill-target';
import { type FakeProcess, fakeProcessTable } from '../../../fakes/process-table';

const ASK = { acceptShared: false, askedBy: 'policy', why: 'silent for 5 min' } as const;
const SESSION: TerminalSession = { name: 'foo', id: '$3', serverPid: 600, createdAt: 1_000_000, panePids: [700, 710] };
const SERVER: FakeProcess = { pid: 600, name: 'tmux: server', sessionId: 600, pgid: 600 };
const PANES: FakeProcess[] = [
  { pid: 700, ppid: 600, sessionId: 700, pgid: 700 },
  { pid: 710, ppid: 600, sessionId: 710, pgid: 710 },
];

const inSession = (over: Partial<KillTarget> = {}) =>
  killTarget('foo', null, {
    source: 'workbench',
    session: SESSION,
    claim: { pid: 700, from: 'session', namedAt: 2_000_000 },
    ...over,
  });

/** A machine whose tmux answers as told, in turn; ending the session ends what is in its panes, unless told otherwise. */
function machine(processes: FakeProcess[], over: Partial<KillerOptions> = {}, targets = [inSession()]) {
  const table = fakeProcessTable([SERVER, ...processes]);
  const did: string[] = [];
  const end = (pid: number) => {
    table.processes = table.processes.filter((one) => one.pid !== pid);
  };
  const setup = {
    table,
    did,
    listings: [] as SessionListing[],
    endSession: (): Awaited<ReturnType<Multiplexer['endSession']>> => {
      for (const pid of SESSION.panePids) end(pid);
      setup.listings = [{ ok: true, sessions: [] }];
      return { ok: true };
    },
  };
  setup.listings = [{ ok: true, sessions: [SESSION] }];
  const multiplexer: Multiplexer = {
    async sessions() {
      const [now] = setup.listings.length > 1 ? setup.listings.splice(0, 1) : setup.listings;
      return now ?? { ok: false, reason: 'no answer' };
    },
    async endSession({ name, id }) {
      did.push(`end ${name} ${id}`);
      return setup.endSession();
    },
  };
  const killer = createKiller({
    ...{ table, multiplexer, clock: hurryingClock(), onReceipt: () => undefined },
    audit: { append: async ({ kind }) => void did.push(kind) },
    signals: {
      send(pid, signal) {
        did.push(`${signal} ${pid}`);
        end(pid);
        return { result: 'sent' };
      },
    },
    settings: () => ({ killGraceMs: 5_000 }),
    target: (id) => targets.find(({ workerId }) => workerId === id) ?? null,
    targets: () => targets,
    ...over,
  });
  const kill = async () => {
    const answer = await killer.execute(killer.plan(inSession().workerId).planId, ASK);
    if (!answer.ok) throw new Error(answer.reason);
    return answer.receipt;
  };
  return Object.assign(setup, { killer, kill });
}

describe('a worker that is a tmux session', () => {
  it('is ended by its session, after the intent is kept, and what that leaves by signals', async () => {
    const m = machine([...PANES, { pid: 720, ppid: 710, sessionId: 710 }]);
    const plan = m.killer.plan(inSession().workerId);
    expect(plan.session).toBe('foo');
    expect(plan.processes.map(({ pid }) => pid)).toEqual([700, 710, 720]);
    const receipt = await m.kill();
    expect(m.did).toEqual(['kill_intent', 'end foo $3', 'SIGTERM 720', 'kill_outcome']);
    expect(receipt).toMatchObject({
      ended: true,
      askedBy: 'policy',
      why: 'silent for 5 min',
      session: 'The tmux session foo has ended.',
    });
    expect(receipt.processes[0]).toMatchObject({ outcome: 'ended', note: 'ended with its session after 0 s' });
  });

  it('takes for a pane only what its server started, and not after it was listed', () => {
    const strangers = [
      { pid: 700, ppid: 1, startedAt: 1_000_000 },
      { pid: 710, ppid: 600, startedAt: 9_000_000 },
    ];
    const m = machine(strangers, {}, [inSession({ claim: { pid: 710, from: 'session', namedAt: 2_000_000 } })]);
    expect(m.killer.plan(inSession().workerId).processes).toEqual([]);
  });

  it('is not ended where idlewatch runs in its terminal', () => {
    const m = machine(PANES);
    Object.assign(m.table.processes.find(({ pid }) => pid === 500)!, { sessionId: 710 });
    const { refused, processes } = m.killer.plan(inSession().workerId);
    expect(refused).toBe('Nothing can be ended: idlewatch itself runs in the tmux session foo.');
    expect(processes).toEqual([]);
  });

  it('is ended, though no process of it is left', async () => {
    const m = machine([]);
    const plan = m.killer.plan(inSession().workerId);
    expect(plan).toMatchObject({ refused: null, processes: [], session: 'foo' });
    expect(await m.kill()).toMatchObject({ ended: true, processes: [] });
  });

  it.each<[string, SessionListing, RegExp]>([
    [
      'it is still listed',
      { ok: true, sessions: [SESSION] },
      /^The tmux session foo is still there: the server does not answer\.$/,
    ],
    [
      'tmux cannot be asked afterwards',
      { ok: false, reason: 'tmux did not answer within 3 s' },
      /^Whether the tmux session foo has ended is not known: tmux did not answer within 3 s\.$/,
    ],
  ])('has not ended where %s', async (_what, after, words) => {
    const m = machine(PANES);
    m.endSession = () => {
      m.listings = [after];
      return { ok: false, reason: 'the server does not answer' };
    };
    const receipt = await m.kill();
    expect(receipt.ended).toBe(false);
    expect(receipt.session).toMatch(words);
    expect(receipt.summary).toContain(receipt.session);
    expect(m.did.slice(2, -1)).toEqual(['SIGTERM 700', 'SIGTERM 710']);
  });

  it('is another one where a server gave its name anew', async () => {
    const m = machine(PANES);
    const { planId } = m.killer.plan(inSession().workerId);
    m.listings = [{ ok: true, sessions: [{ ...SESSION, id: '$4', panePids: [800] }] }];
    m.table.processes = m.table.processes.filter(({ pid }) => pid < 700);
    m.table.processes.push({ pid: 800, ppid: 600 });
    const answer = await m.killer.execute(planId, ASK);
    expect(answer.ok).toBe(false);
    expect(m.did).toEqual([]);
  });
});

describe('whoever wants to know of an ending', () => {
  it('is told between intent and first signal, and after the outcome', async () => {
    const m = machine(PANES, {
      onIntent: ({ workerName }, { askedBy, why }) => void m.did.push(`intent ${workerName} ${askedBy}: ${why}`),
      onEnded: async (_target, { ended }) => void m.did.push(`ended ${ended}`),
    });
    await m.kill();
    expect(m.did).toEqual([
      'kill_intent',
      'intent foo policy: silent for 5 min',
      'end foo $3',
      'kill_outcome',
      'ended true',
    ]);
  });

  it('stops nothing by failing, and the receipt says so', async () => {
    const m = machine(PANES, {
      onIntent: () => Promise.reject(new Error('no registry')),
      onEnded: () => Promise.reject(new Error('no space left')),
    });
    const receipt = await m.kill();
    expect(receipt.ended).toBe(true);
    expect(receipt.summary).toContain('Its beginning could not be told: no registry.');
    expect(receipt.summary).toContain('Its end could not be noted: no space left.');
  });

  it('may give another grace than the setting’s', () => {
    const m = machine(PANES);
    expect(m.killer.plan(inSession().workerId, { killGraceMs: 60_000 })).toMatchObject({ killGraceMs: 60_000 });
    expect(m.killer.plan(inSession().workerId)).toMatchObject({ killGraceMs: 5_000 });
  });
});
