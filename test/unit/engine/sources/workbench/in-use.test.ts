import { describe, expect, it } from 'vitest';
import { whyInUse } from '../../../../../src/engine/sources/workbench/in-use';
import { type FakeProcess, fakeProcessTable, OUR_PID, OUR_UID } from '../../../../fakes/process-table';

const PLACE = { path: '/home/me/.moadim/workbenches/fix-1700000000', triggeredAt: 1_700_000_000_000, panePids: [900] };
const LATER = PLACE.triggeredAt + 60_000;
const BEFORE = PLACE.triggeredAt - 60_000;

/** Besides them: init, a shell and idlewatch, whose directories can be read. */
function whyWith(...processes: FakeProcess[]): string | null {
  const table = fakeProcessTable(processes);
  for (const known of table.processes) if ([1, 400, OUR_PID].includes(known.pid)) known.cwd = '/';
  return whyInUse(table, PLACE);
}

describe('a workbench is in use', () => {
  it.each([PLACE.path, `${PLACE.path}/repo/src`])('by a process that works in %s', (cwd) => {
    expect(whyWith({ pid: 901, name: 'vim', cwd })).toBe('process 901 (vim) works in it');
  });

  it('by another user’s process that works in it', () => {
    expect(whyWith({ pid: 901, uid: 0, cwd: PLACE.path })).toMatch(/works in it/);
  });

  it('by what is left of its session, wherever that works, whoever it is', () => {
    expect(whyWith({ pid: 901, sessionId: 900, uid: 0, cwd: null })).toBe(
      'process 901 (program) is left of its session',
    );
  });

  it('by a process of this user that began later and hides where it works', () => {
    const hidden = { pid: 901, sessionId: 901, cwd: null, startedAt: LATER };
    expect(whyWith(hidden)).toBe('process 901 (program) does not show where it works');
    expect(whyWith({ ...hidden, uid: -1 })).toMatch(/does not show/);
    expect(whyWith({ ...hidden, startedAt: PLACE.triggeredAt - 1_000 })).toMatch(/does not show/);
    expect(whyWith({ ...hidden, sessionId: 77 })).toMatch(/does not show/);
  });

  it('where the processes cannot be listed', () => {
    const table = { ...fakeProcessTable([]), list: () => ({ ok: false as const, reason: '/proc cannot be read' }) };
    expect(whyInUse(table, PLACE)).toMatch(/not known: \/proc cannot be read/);
  });
});

describe('a workbench is not in use', () => {
  it.each<[string, FakeProcess[]]>([
    ['by one whose name begins alike', [{ pid: 901, cwd: `${PLACE.path}_2` }]],
    ['by one that works above it', [{ pid: 901, cwd: '/home/me/.moadim/workbenches' }]],
    ['by one that has ended', [{ pid: 901, stat: 'Z', cwd: null, startedAt: LATER }]],
    ['by one that hides and began before', [{ pid: 901, cwd: null, startedAt: BEFORE }]],
    ['by another user’s that hides', [{ pid: 901, uid: OUR_UID + 1, cwd: null, startedAt: LATER }]],
    [
      'by one that hides in a session that began before',
      [
        { pid: 700, sessionId: 700, cwd: null, startedAt: BEFORE },
        { pid: 901, sessionId: 700, cwd: null, startedAt: LATER },
      ],
    ],
    [
      'by one that hides in a session whose leader works elsewhere',
      [
        { pid: 700, sessionId: 700, cwd: '/home/me', startedAt: LATER },
        { pid: 901, sessionId: 700, cwd: null, startedAt: LATER },
      ],
    ],
  ])('%s', (_, processes) => {
    expect(whyWith(...processes)).toBeNull();
  });

  it.each<[string, FakeProcess[]]>([
    ['that ends', []],
    ['that ends, whose pid another has at once', [{ pid: 901, startTime: 'later', cwd: null, startedAt: LATER + 1 }]],
  ])('by one %s while it is being looked at', (_, since) => {
    const ends: FakeProcess = { pid: 901, sessionId: 901, cwd: null, startedAt: LATER };
    const table = fakeProcessTable([ends]);
    for (const known of table.processes) if (known !== ends) known.cwd = '/';
    const list = () => {
      const listed = table.list();
      table.processes = [...table.processes.filter((process) => process !== ends), ...since];
      return listed;
    };
    expect(whyInUse({ ...table, list }, PLACE)).toBeNull();
  });
});
