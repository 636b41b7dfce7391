import { describe, expect, it } from 'vitest';
import { ownerIn } from '../../../../src/host/process-table/connection-owner';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const line = (local: string, remote: string, uid: number, inode: number) =>
  `   1: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 ${inode} 1 000000000213efdf 20 4 0 10 -1`;
const tableOf = (...lines: string[]) => [HEAD, ...lines, ''].join('\n');

/** The gateway's end, and a program's at port 40000. */
const ends = { localAddress: '127.0.0.1', localPort: 4748, remoteAddress: '127.0.0.1', remotePort: 40_000 };
const [OURS, THEIRS] = ['0100007F:128C', '0100007F:9C40'];

describe('whose a connection is', () => {
  it('stands in the line of its far end, not in that of ours', () => {
    const table = tableOf(line(OURS, THEIRS, 1000, 11), line(THEIRS, OURS, 65_534, 12));
    expect(ownerIn(table, ends, 'LE')).toBe(65_534);
  });

  it('is read of a socket of IPv6 that speaks IPv4, in either order of bytes', () => {
    const [v6, v6BigEndian] = ['0000000000000000FFFF0000', '00000000000000000000FFFF'];
    expect(ownerIn(tableOf(line(`${v6}${THEIRS}`, `${v6}${OURS}`, 1001, 12)), ends, 'LE')).toBe(1001);
    const bigEndian = line(`${v6BigEndian}7F000001:9C40`, `${v6BigEndian}7F000001:128C`, 1001, 12);
    expect(ownerIn(tableOf(bigEndian), ends, 'BE')).toBe(1001);
    const mapped = { ...ends, localAddress: '::ffff:127.0.0.1', remoteAddress: '::ffff:127.0.0.1' };
    expect(ownerIn(tableOf(line(THEIRS, OURS, 1001, 12)), mapped, 'LE')).toBe(1001);
  });

  it('is nobody’s once it is closed there, whoever it reads as', () => {
    expect(ownerIn(tableOf(line(THEIRS, OURS, 0, 0)), ends, 'LE')).toBe('closed');
  });

  it.each([
    ['another port', line('0100007F:9C41', OURS, 1001, 12)],
    ['another address', line('0200007F:9C40', OURS, 1001, 12)],
    ['another server', line(THEIRS, '0100007F:128D', 1001, 12)],
  ])('is not known by a line of %s', (_what, other) => {
    expect(ownerIn(tableOf(other), ends, 'LE')).toBeNull();
  });

  it('is not known without a table, and of a connection that is gone', () => {
    expect(ownerIn('', ends)).toBeNull();
    expect(ownerIn(tableOf(line(THEIRS, OURS, 1001, 12)), {}, 'LE')).toBeNull();
  });
});
