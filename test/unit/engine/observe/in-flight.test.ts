import { describe, expect, it } from 'vitest';
import {
  AT_WORK_PERCENT,
  beginInFlight,
  countOpened,
  followInFlight,
  type InFlight,
  inFlightFact,
} from '../../../../src/engine/observe/in-flight';
import type { SocketFact } from '../../../../src/engine/ports';

const sample = (monotonicMs: number, ...cpuMs: number[]) => ({
  monotonicMs,
  root: '0',
  atWorkPercent: AT_WORK_PERCENT,
  cpuMs: new Map(cpuMs.map((used, index) => [`${index}`, used])),
});
const begun = (...cpuMs: number[]) => beginInFlight(sample(0, ...cpuMs), 0);
/** Looked at again and again, each time after so long and with so much used in all since the begin. */
const followed = (steps: [atMs: number, usedMs: number, connections?: number][], from: InFlight = begun(1_000)) =>
  steps.reduce(
    (known, [atMs, usedMs, connections = 1]) =>
      followInFlight(known, sample(atMs, 1_000 + usedMs), atMs, () => connections),
    from,
  );
const ONE = { connections: 1, isBelow: false };
const fact = (known: InFlight) => inFlightFact(known, false);

describe('whether a silent worker is at work', () => {
  it.each<[string, [number, number, number?][], ReturnType<typeof fact>]>([
    ['is not known of one that was just looked at first', [[0, 0]], { isMeasured: false, ...ONE }],
    ['is no question where no connection is open', [[0, 0, 0]], null],
    ['is known soon where it uses a lot', [[1_500, 500]], { isMeasured: true, ...ONE }],
    ['is known soon where it uses nothing', [[1_500, 0]], null],
    ['does not hang on one step of the system’s clock', [[1_500, 10]], null],
    ['needs a connection, however much it uses', [[10_000, 10_000, 0]], null],
    ['is true of one that reads as fast as a model writes', [[10_000, 110]], { isMeasured: true, ...ONE }],
    ['is not true of one whose timer ticks', [[10_000, 70]], null],
    ['is true of a single loop', [[10_000, 10_000]], { isMeasured: true, ...ONE }],
    [
      'stays as it was within a window',
      [
        [10_000, 500],
        [15_000, 500],
      ],
      { isMeasured: true, ...ONE },
    ],
    [
      'ends with the connection, at once',
      [
        [10_000, 500],
        [12_000, 600, 0],
      ],
      null,
    ],
    [
      'ends with the window in which nothing came',
      [
        [10_000, 500],
        [20_000, 510],
      ],
      null,
    ],
    [
      'begins anew with a window',
      [
        [10_000, 0],
        [20_000, 500],
      ],
      { isMeasured: true, ...ONE },
    ],
    [
      'needs a whole window once one was measured',
      [
        [10_000, 0],
        [15_000, 500],
      ],
      null,
    ],
  ])('%s', (_, steps, expected) => {
    expect(fact(followed(steps))).toEqual(expected);
  });

  it('is nothing that is known of one that is only late', () => {
    expect(fact(begun(1_000))).toBeNull();
    expect(inFlightFact(begun(1_000), true)).toBeNull();
    expect(inFlightFact(null, true)).toBeNull();
  });

  it('needs no connection where its source says so, and what it has started uses it', () => {
    const looked = (...cpuMs: number[]) => followInFlight(begun(1_000, 0), sample(10_000, ...cpuMs), 0, () => 0);
    expect(inFlightFact(looked(1_000, 500), true)).toEqual({ isMeasured: true, connections: 0, isBelow: true });
    expect(inFlightFact(looked(1_000, 500), false)).toBeNull();
    expect(inFlightFact(looked(1_000, 10), true)).toBeNull();
    // A spinner that turns while it waits for a command that hangs.
    expect(inFlightFact(looked(1_500, 10), true)).toBeNull();
  });

  it('is known of a program that uses some at rest once it uses more than that', () => {
    const using = (usedMs: number) => ({ ...sample(10_000, 1_000 + usedMs), atWorkPercent: 5 });
    expect(fact(followInFlight(begun(1_000), using(490), 0, () => 1))).toBeNull();
    expect(fact(followInFlight(begun(1_000), using(500), 0, () => 1))).toEqual({ isMeasured: true, ...ONE });
  });

  it('tells what it does itself from what it has started does', () => {
    const looked = (...cpuMs: number[]) => followInFlight(begun(1_000, 0), sample(10_000, ...cpuMs), 0, () => 1);
    expect(fact(looked(1_500, 0))).toEqual({ isMeasured: true, connections: 1, isBelow: false });
    expect(fact(looked(1_000, 500))).toEqual({ isMeasured: true, connections: 1, isBelow: true });
  });

  it('counts the time of processes that began since, and takes none off for those that ended', () => {
    const grown = followInFlight(begun(5_000, 1_000), sample(10_000, 5_000, 1_000, 300), 0, () => 1);
    expect(grown.cpuPercent).toBe(3);
    const shrunk = followInFlight(begun(1_000, 9_000), sample(10_000, 1_300), 0, () => 1);
    expect(shrunk.cpuPercent).toBe(3);
  });

  it('asks for connections only where it matters', () => {
    const asked: number[] = [];
    const ask = (atMs: number) => () => {
      asked.push(atMs);
      return 1;
    };
    let known = followInFlight(begun(0), sample(0, 0), 0, ask(0));
    known = followInFlight(known, sample(10_000, 10), 0, ask(10_000));
    known = followInFlight(known, sample(20_000, 500), 0, ask(20_000));
    followInFlight(known, sample(30_000, 500), 0, ask(30_000));
    expect(asked).toEqual([0, 20_000]);
  });
});

describe('the connections of a tree', () => {
  const socket = (state: SocketFact['state'], local: string, remote = '0.0.0.0:0'): SocketFact => {
    const [localAddress = '', localPort] = local.split(':');
    const [remoteAddress = '', remotePort] = remote.split(':');
    return { state, localAddress, localPort: Number(localPort), remoteAddress, remotePort: Number(remotePort) };
  };

  it.each<[string, SocketFact[], number]>([
    ['are those it opened', [socket('established', '10.0.0.2:50000', '1.2.3.4:443')], 1],
    ['are not those that wait or end', [socket('other', '10.0.0.2:50000', '1.2.3.4:443')], 0],
    [
      'are not those others opened to its server',
      [socket('listening', '127.0.0.1:4096'), socket('established', '127.0.0.1:4096', '127.0.0.1:50000')],
      0,
    ],
    [
      'are not those it has with itself',
      [
        socket('listening', '0.0.0.0:4096'),
        socket('established', '127.0.0.1:4096', '127.0.0.1:50000'),
        socket('established', '127.0.0.1:50000', '127.0.0.1:4096'),
      ],
      0,
    ],
    [
      'are those to another machine with the same port',
      [socket('listening', '0.0.0.0:443'), socket('established', '10.0.0.2:50000', '1.2.3.4:443')],
      1,
    ],
    ['are none of none', [], 0],
  ])('%s', (_, sockets, count) => {
    expect(countOpened(sockets)).toBe(count);
  });
});
