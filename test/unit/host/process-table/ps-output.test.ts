import { describe, expect, it } from 'vitest';
import { parseEnvironments, parseNames, parseProcesses, valueIn } from '../../../../src/host/process-table/ps-output';

/** As `ps -axwwo` of macOS prints it: launchd, a login shell, an agent with a child, tmux, a zombie. */
const LISTED = `
    1     0     1     0 Ss   Wed Jul  1 08:00:02 2026     13456   3:25.41 /sbin/launchd
  501     1   501   501 Ss   Wed Jul  1 08:01:10 2026      5120   0:00.05 -zsh
  640   501   640   501 S+   Wed Jul  1 09:15:00 2026    204800  12:34.56 node /Users/me/agents/a b/run.js --name=x
  641   640   640   501 U+   Thu Jul  9 09:15:01 2026      1024   0:00.00 /bin/sleep 60
  700     1   700   501 Ss   Wed Jul  1 08:02:00 2026      3000   0:01.00 tmux new-session -d
  701   700   701   501 Ss   Wed Jul  1 08:02:00 2026      3000   0:01.00 -zsh
  702   701   702   501 S+   Wed Jul  1 08:02:01 2026      3000   0:01.00 tmux attach
  800   640   640   501 Z    Wed Jul  1 09:20:00 2026         0   0:00.00 (node)
  900     1   900    -2 Is   Wed Jul  1 08:00:03 2026       800   1-02:03:04 /usr/libexec/daemon
  901   555   640   501 S    Wed Jul  1 09:20:00 2026       800   0:00.10
`;
const NAMES = parseNames('    1 launchd\n  640 node\n 700 tmux\n 702 tmux\n 641 Google Chrome He\n');

function found(pid: number) {
  const process = parseProcesses(LISTED, NAMES)?.find((one) => one.pid === pid);
  if (!process) throw new Error(`${pid} is missing`);
  return process;
}

describe('what ps of macOS prints', () => {
  it('becomes processes', () => {
    expect(parseProcesses(LISTED, NAMES)).toHaveLength(10);
    expect(found(640)).toEqual({
      pid: 640,
      ppid: 501,
      pgid: 640,
      sessionId: 501,
      uid: 501,
      stat: 'S',
      startTime: String(Date.UTC(2026, 6, 1, 9, 15, 0) / 1000),
      startedAt: Date.UTC(2026, 6, 1, 9, 15, 0),
      name: 'node',
      rssBytes: 204_800 * 1024,
      cpuMs: 754_560,
      command: 'node /Users/me/agents/a b/run.js --name=x',
    });
  });

  it('has states by the letters Linux uses', () => {
    expect([641, 800, 900].map((pid) => found(pid).stat)).toEqual(['D', 'Z', 'S']);
  });

  it('knows times of hours and days, other users, empty commands, short names with spaces', () => {
    expect(found(900)).toMatchObject({ cpuMs: 93_784_000, uid: -2, name: 'daemon' });
    expect(found(901)).toMatchObject({ command: '', name: '' });
    expect(found(641).name).toBe('Google Chrome He');
  });

  it('finds sessions by who leads one, also where the parent is gone', () => {
    expect([1, 501, 641, 701, 702, 901].map((pid) => found(pid).sessionId)).toEqual([1, 501, 501, 701, 701, 501]);
  });

  it('tells the server of tmux from its clients', () => {
    expect([found(700).name, found(702).name]).toEqual(['tmux: server', 'tmux']);
  });

  it.each([
    ['a line cut short', '  640   501   640   501 S+   Wed Jul  1 09:1'],
    ['a month in another language', '  640   501   640   501 S+   Mer Jui  1 09:15:00 2026    204800  12:34.56 node'],
    ['a header', '  PID  PPID  PGID   UID STAT STARTED                        RSS      TIME COMMAND'],
    ['a time that is none', '  640   501   640   501 S+   Wed Jul  1 09:15:00 2026    204800  - node'],
  ])('is not taken at all with %s', (_, line) => {
    expect(parseProcesses(`${LISTED}${line}\n`, NAMES)).toBeNull();
  });
});

describe('environments in what ps prints', () => {
  const commands = new Map([
    [640, 'node run.js IDLEWATCH_WORKER_DIR=/planted'],
    [641, 'sleep 60'],
    [642, 'changed since'],
  ]);
  const environments = parseEnvironments(
    [
      '  640 node run.js IDLEWATCH_WORKER_DIR=/planted HOME=/Users/me IDLEWATCH_WORKER_DIR=/w/a b',
      '  641 sleep 60 IDLEWATCH_WORKER_DIR=/w/a b TERM=xterm EMPTY= LAST=1',
      '  642 other IDLEWATCH_WORKER_DIR=/w',
      '  643 unknown IDLEWATCH_WORKER_DIR=/w',
    ].join('\n'),
    commands,
  );

  it('are what follows the command', () => {
    expect([...environments.keys()]).toEqual([640, 641]);
    expect(valueIn(environments.get(640)!, 'IDLEWATCH_WORKER_DIR')).toBe('/w/a b');
    expect(valueIn(environments.get(641)!, 'IDLEWATCH_WORKER_DIR')).toBe('/w/a b');
    expect(valueIn(environments.get(641)!, 'EMPTY')).toBe('');
    expect(valueIn(environments.get(641)!, 'LAST')).toBe('1');
    expect(valueIn(environments.get(641)!, 'WORKER_DIR')).toBeNull();
  });

  it('answer nothing where a variable seems to be there twice', () => {
    expect(valueIn(' A=/w/one A=/w/two', 'A')).toBeNull();
  });
});
