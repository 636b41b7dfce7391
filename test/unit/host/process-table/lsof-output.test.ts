import { describe, expect, it } from 'vitest';
import type { SocketFact } from '../../../../src/engine/ports';
import { parseOpenFiles } from '../../../../src/host/process-table/lsof-output';

const set = (...fields: string[]) => `${fields.map((field) => `${field}\0`).join('')}\n`;

const socket = (state: SocketFact['state'], localAddress: string, localPort: number, to = '', remotePort = 0) => ({
  ...{ state, localAddress, localPort, remoteAddress: to, remotePort },
});

describe('what lsof prints', () => {
  it('becomes working directories and open files', () => {
    const output = [
      set('p640'),
      set('fcwd', 'a ', 'tDIR', 'n/w/a b'),
      set('ftxt', 'a ', 'tREG', 'n/usr/bin/node'),
      set('f0', 'ar', 'tCHR', 'n/dev/null'),
      set('f1', 'aw', 'tREG', 'n/w/a b/agent.log'),
      set('f2', 'au', 'tREG', 'n/w/a b/outbox.jsonl'),
      set('f3', 'au', 'tunix', 'n/w/a b/socket'),
      set('f4', 'au', 'tIPv4', 'PTCP', 'n127.0.0.1:80', 'TST=LISTEN', 'TQR=0', 'TQS=0'),
      set('f6', 'au', 'tIPv6', 'PTCP', 'n[::1]:49152->[2001:db8::1]:443', 'TST=ESTABLISHED', 'TQR=0', 'TQS=0'),
      set('f7', 'au', 'tIPv4', 'PTCP', 'n10.0.0.2:49153->10.0.0.1:80', 'TST=CLOSE_WAIT'),
      set('f8', 'au', 'tIPv6', 'PTCP', 'n*:8080', 'TST=LISTEN'),
      set('f9', 'au', 'tIPv4', 'PUDP', 'n127.0.0.1:53'),
      set('f5', 'ar', 'tPIPE', 'npipe'),
      set('p641'),
      set('f1', 'aw', 'tREG', 'n/other'),
    ].join('');
    expect(parseOpenFiles(output)).toEqual(
      new Map([
        [
          640,
          {
            workingDirectory: '/w/a b',
            files: [
              { path: '/dev/null', writing: false },
              { path: '/w/a b/agent.log', writing: true },
              { path: '/w/a b/outbox.jsonl', writing: true },
            ],
            sockets: [
              socket('listening', '127.0.0.1', 80),
              socket('established', '::1', 49152, '2001:db8::1', 443),
              socket('other', '10.0.0.2', 49153, '10.0.0.1', 80),
              socket('listening', '*', 8080),
            ],
          },
        ],
        [641, { workingDirectory: null, files: [{ path: '/other', writing: true }], sockets: [] }],
      ]),
    );
  });

  it('says nothing of nothing', () => {
    expect(parseOpenFiles('')).toEqual(new Map());
    expect(parseOpenFiles(set('fcwd', 'tDIR', 'n/w'))).toEqual(new Map());
  });
});
