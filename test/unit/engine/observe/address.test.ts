import { describe, expect, it } from 'vitest';
import { livenessOf } from '../../../../src/engine/observe/address';
import type { ProcessAddress, ProcessSpace, ProcessTable } from '../../../../src/engine/ports';
import { fakeProcessTable } from '../../../fakes/process-table';

const HERE: ProcessSpace = { hostName: 'here', bootId: 'this boot', pidNamespace: 'pid:[1]' };
const LIVING: ProcessAddress = { ...HERE, pid: 7, startTime: 's' };

function tableIn(space: ProcessSpace): ProcessTable {
  return { ...fakeProcessTable([{ pid: 7, startTime: 's' }]), space: () => space };
}

describe('whether a process that was written down still lives', () => {
  it.each<[string, Partial<ProcessAddress>, Partial<ProcessSpace>, string]>([
    ['itself', {}, {}, 'alive'],
    ['a pid that is gone', { pid: 8 }, {}, 'gone'],
    ['a pid given anew', { startTime: 'earlier' }, {}, 'gone'],
    ['another name of this machine, in the same boot', { hostName: 'renamed' }, {}, 'alive'],
    ['another host and boot', { hostName: 'there', bootId: 'its boot' }, {}, 'unknown'],
    ['another boot, pid and start time as of a living one', { bootId: 'last boot' }, {}, 'gone'],
    ['another boot, in another container', { bootId: 'last boot', pidNamespace: 'pid:[2]' }, {}, 'gone'],
    ['another container', { pidNamespace: 'pid:[2]' }, {}, 'unknown'],
    ['a container that is not known', { pidNamespace: null }, {}, 'unknown'],
    ['our own container not known', {}, { pidNamespace: null }, 'unknown'],
    ['a boot that is not known', { bootId: null }, {}, 'unknown'],
    ['our own boot not known', {}, { bootId: null }, 'unknown'],
    [
      'a system without boots and containers',
      { bootId: null, pidNamespace: null },
      { bootId: null, pidNamespace: null },
      'alive',
    ],
  ])('%s', (_what, there, here, expected) => {
    expect(livenessOf(tableIn({ ...HERE, ...here }), { ...LIVING, ...there })).toBe(expected);
  });

  it('does not know where the look fails', () => {
    const table: ProcessTable = { ...tableIn(HERE), inspect: () => ({ liveness: 'unknown', reason: 'closed' }) };
    expect(livenessOf(table, LIVING)).toBe('unknown');
  });
});
