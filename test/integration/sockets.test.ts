import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { SocketFact } from '../../src/engine/ports';
import { createProcessTable } from '../../src/host/process-table';
import { createMacProcessTable } from '../../src/host/process-table/macos';
import { realProcesses } from './support/real-processes';
import { waitFor } from './support/wait-for';

const table = createProcessTable();
const processes = realProcesses();
afterEach(() => processes.endAll());

const hasLsof = spawnSync('lsof', ['-v']).error === undefined;
const canUnshare = spawnSync('unshare', ['--net', 'true']).status === 0;

async function serve(address: string): Promise<number> {
  const server: Server = createServer((socket) => socket.on('error', () => {}).resume());
  server.listen(0, address);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const sorted = (sockets: SocketFact[] | null) =>
  (sockets ?? []).map((socket) => JSON.stringify(Object.entries(socket).sort())).sort();

describe.runIf(process.platform === 'linux')('the sockets of a process', () => {
  it.each(['127.0.0.1', '::1'])('are those it has open at %s, as they come and go', async (address) => {
    const port = await serve(address);
    const { pid } = await processes.start('connects.mjs', [String(port), address]);
    const open = { state: 'established', localAddress: address, remoteAddress: address, remotePort: port };
    expect(table.sockets(pid)).toEqual([expect.objectContaining(open)]);
    // Ours at the other end is seen at our own pid, beside the one that listens.
    expect(table.sockets(process.pid)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ state: 'listening', localAddress: address, localPort: port }),
        expect.objectContaining({ state: 'established', localAddress: address, localPort: port }),
      ]),
    );
    process.kill(pid, 'SIGKILL');
    await waitFor('it is gone', () => table.sockets(pid) === null || table.sockets(pid)?.length === 0);
  });

  it('are none where it has none, and not known where there is no such process', async () => {
    const { pid } = processes.run('sleep', ['300']);
    expect(table.sockets(pid)).toEqual([]);
    expect(table.sockets(2 ** 22)).toBeNull();
  });

  it('are no longer open once the other side has closed', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    // Half open on its side, as of a program that never reads to the end.
    const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
    onTestFinished(() => void client.destroy());
    await once(client, 'connect');
    const { localPort } = client;
    const ours = () => table.sockets(process.pid)?.find((socket) => socket.localPort === localPort)?.state;
    await waitFor('it is half closed', () => ours() === 'other');
  });

  it.skipIf(!canUnshare)('are seen in a network namespace of its own', async () => {
    const script = `ip link set lo up 2>/dev/null; exec ${process.execPath} ${import.meta.dirname}/../fixtures/programs/connects.mjs`;
    const { pid, child } = processes.run('unshare', ['--net', 'sh', '-c', script]);
    // Without a loopback device that is up nothing connects, yet the server listens.
    await waitFor('it listens', () => table.sockets(pid)?.some(({ state }) => state === 'listening'));
    const port = table.sockets(pid)?.find(({ state }) => state === 'listening')?.localPort;
    expect(table.sockets(process.pid)?.some((socket) => socket.localPort === port)).toBe(false);
    child.kill('SIGKILL');
  });

  it.skipIf(!hasLsof)('are the same by lsof, as macOS is asked', async () => {
    const { pid } = await processes.start('connects.mjs');
    const byLsof = createMacProcessTable({ ps: '/bin/ps', psWithEnvironments: [], lsof: 'lsof', sysctl: 'sysctl' });
    const bySystem = table.sockets(pid);
    expect(bySystem).toHaveLength(3);
    const withoutWildcards = byLsof.sockets(pid)?.map((socket) => ({
      ...socket,
      remoteAddress: socket.remoteAddress || '0.0.0.0',
    }));
    expect(sorted(withoutWildcards ?? null)).toEqual(sorted(bySystem));
  });

  it('cost next to nothing where it has none, and of many processes hardly more than of one', () => {
    const alone = processes.run('sleep', ['300'], { stdio: 'ignore' });
    // Their standard output is a socket of ours, of another kind.
    const many = Array.from({ length: 20 }, () => processes.run('sleep', ['300']));
    const costMs = (ask: () => void) => {
      const started = performance.now();
      ask();
      return performance.now() - started;
    };
    for (const { pid } of [alone, ...many]) expect(table.sockets(pid)).toEqual([]);
    expect(costMs(() => void table.sockets(alone.pid))).toBeLessThan(5);
    const each = createProcessTable();
    const oneByOne = costMs(() => void many.map(({ pid }) => createProcessTable().sockets(pid)));
    expect(costMs(() => void many.map(({ pid }) => each.sockets(pid)))).toBeLessThan(oneByOne / 2);
  });
});
