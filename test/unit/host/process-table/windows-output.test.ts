import { describe, expect, it } from 'vitest';
import { ownersScript, parseOwners, parseWindowsProcesses } from '../../../../src/host/process-table/windows-output';

/** 2026-07-01T09:15:00.1234567Z and a while later, as .NET counts. */
const STARTED = '639184941001234567';
const LATER = '639184941011234567';
const EARLIER = '639184940001234567';

const row = (over: object) => ({
  pid: 0,
  ppid: 0,
  name: 'agent.exe',
  command: null,
  started: STARTED,
  rss: 1000,
  cpu: 0,
  session: 1,
  ...over,
});
const LISTED = JSON.stringify({
  self: 999,
  processes: [
    row({ pid: 0, name: 'System Idle Process', started: null, session: 0 }),
    row({ pid: 4, name: 'System', started: null, session: 0 }),
    row({ pid: 640, ppid: 500, name: 'node.exe', command: '"C:\\node.exe" run.js', rss: 2048, cpu: 15_000_000 }),
    row({ pid: 641, ppid: 640, started: LATER }),
    row({ pid: 642, ppid: 700, started: STARTED }),
    row({ pid: 700, ppid: 642, started: LATER }),
    row({ pid: 643, ppid: 640, started: EARLIER }),
    row({ pid: 999, ppid: 640, name: 'powershell.exe', started: LATER }),
  ],
});

describe('what PowerShell prints of processes', () => {
  const listed = parseWindowsProcesses(LISTED);
  const found = (pid: number) => listed?.processes.find((process) => process.pid === pid);

  it('becomes processes, without the idle one and the one that asked', () => {
    expect(listed?.processes.map(({ pid }) => pid)).toEqual([4, 640, 641, 642, 700, 643]);
    expect(found(640)).toEqual({
      pid: 640,
      startTime: STARTED,
      ppid: 0,
      pgid: 0,
      sessionId: 0,
      uid: -1,
      stat: 'S',
      startedAt: Date.parse('2026-07-01T09:15:00.123Z'),
      name: 'node',
      rssBytes: 2048,
      cpuMs: 1500,
      command: '"C:\\node.exe" run.js',
    });
    expect(listed?.sessions.get(4)).toBe(0);
  });

  it('tells starts 100 ns apart from one another', () => {
    const close = STARTED.replace(/7$/, '8');
    const twins = JSON.stringify({
      self: 1,
      processes: [row({ pid: 5, started: STARTED }), row({ pid: 6, started: close })],
    });
    const times = parseWindowsProcesses(twins)?.processes.map(({ startTime }) => startTime);
    expect(new Set(times).size).toBe(2);
  });

  it('takes nobody for a child of what started after it', () => {
    expect([641, 642, 700, 643].map((pid) => found(pid)?.ppid)).toEqual([640, 0, 642, 0]);
  });

  it.each([
    ['empty', ''],
    ['another thing', '[]'],
    ['without a list', '{"self":1}'],
    ['cut short', LISTED.slice(0, -5)],
    ['odd in one place', LISTED.replace(`"${STARTED}"`, '"yesterday"')],
  ])('is not taken at all where it is %s', (_, text) => expect(parseWindowsProcesses(text)).toBeNull());

  it('has the owners it could find', () => {
    const output = JSON.stringify([
      { pid: 640, sid: 'S-1-5-21-1', started: STARTED },
      { pid: 641, sid: null, started: LATER },
    ]);
    expect(parseOwners(output)).toEqual(
      new Map([
        [`640 ${STARTED}`, 'S-1-5-21-1'],
        [`641 ${LATER}`, null],
      ]),
    );
    expect(parseOwners('[]')).toEqual(new Map());
    expect(parseOwners('nothing')).toBeNull();
    expect(ownersScript([640, 641])).toContain('@(640,641)');
  });
});
