import { describe, expect, it } from 'vitest';
import { parseSocketTable } from '../../../../src/host/process-table/sockets';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const line = (local: string, remote: string, state: string, inode: number) =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0000 100 0 0 10 0`;
const parse = (lines: string[], order: 'LE' | 'BE' = 'LE') => [
  ...parseSocketTable([HEAD, ...lines, ''].join('\n'), order),
];
const only = (lines: string[], order: 'LE' | 'BE' = 'LE') => parse(lines, order)[0]?.[1];

describe('the table of sockets', () => {
  it('gives those that somebody holds, by their inodes', () => {
    const lines = [
      line('0100007F:1F90', '00000000:0000', '0A', 11),
      line('0200000A:C350', '01020304:01BB', '01', 12),
      line('0200000A:C352', '01020304:01BB', '06', 0),
    ];
    expect(parse(lines)).toEqual([
      [
        '11',
        { state: 'listening', localAddress: '127.0.0.1', localPort: 8080, remoteAddress: '0.0.0.0', remotePort: 0 },
      ],
      [
        '12',
        {
          state: 'established',
          localAddress: '10.0.0.2',
          localPort: 50_000,
          remoteAddress: '4.3.2.1',
          remotePort: 443,
        },
      ],
    ]);
  });

  it.each<[string, string]>([
    ['00000000000000000000000001000000', '::1'],
    ['0000000000000000FFFF00000100007F', '127.0.0.1'],
    ['B80D0120000000000000000001000000', '2001:db8::1'],
  ])('reads the IPv6 address %s', (hex, address) => {
    const zero = '0'.repeat(32);
    expect(only([line(`${hex}:0050`, `${zero}:0000`, '0A', 11)])).toMatchObject({ localAddress: address });
  });

  it('reads the other order of bytes', () => {
    expect(only([line('7F000001:1F90', '0A000002:0050', '01', 11)], 'BE')).toMatchObject({
      localAddress: '127.0.0.1',
      remoteAddress: '10.0.0.2',
      remotePort: 80,
    });
  });

  it('has other states for what is neither open nor waits for others', () => {
    for (const state of ['02', '08', '07']) {
      expect(only([line('0100007F:1F90', '0100007F:0050', state, 11)])?.state).toBe('other');
    }
  });

  it('passes over what it does not understand', () => {
    expect(parse(['', 'nonsense', line('0100007F', 'x:y', '01', 11), '   1: a b c'])).toEqual([]);
  });
});
