import { describe, expect, it } from 'vitest';
import { parseOpenFiles } from '../../../../src/host/process-table/lsof-output';

const set = (...fields: string[]) => `${fields.map((field) => `${field}\0`).join('')}\n`;

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
      set('f4', 'au', 'tIPv4', 'n127.0.0.1:80'),
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
          },
        ],
        [641, { workingDirectory: null, files: [{ path: '/other', writing: true }] }],
      ]),
    );
  });

  it('says nothing of nothing', () => {
    expect(parseOpenFiles('')).toEqual(new Map());
    expect(parseOpenFiles(set('fcwd', 'tDIR', 'n/w'))).toEqual(new Map());
  });
});
