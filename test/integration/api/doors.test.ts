import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type EngineSeat, findEngine, takeSeat } from '../../../src/host/engine-seat';
import { createDoors } from '../../../src/server/doors';
import type { DoorsStatus } from '../../../src/shared/ipc';
import { servedApi } from '../support/served-api';
import { waitFor } from '../support/wait-for';

/** Ports that are free now, for the test alone as far as can be. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((done) => void server.listen(0, '127.0.0.1', () => done(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** Both doors open at these ports. */
async function openDoors(apiPort: number, gatewayPort: number, seat: EngineSeat | null = null) {
  const { station, token, warnings } = await servedApi();
  const set = (changes: Record<string, unknown>) =>
    expect(station.settingsStore.set(changes, 'window')).toMatchObject({ ok: true });
  set({ apiPort, gatewayPort, gatewayEnabled: true, IDLEWATCH_UPSTREAM: 'http://127.0.0.1:9' });
  const log = { warn: (message: string) => void warnings.push(message) };
  const self = { pid: process.pid, startedAt: 1, version: '1.2.3', shell: 'serve' as const };
  const doors = createDoors({ station, token, seat, log, self, pageFolder: null });
  await doors.open();
  onTestFinished(() => doors.close());
  return { doors, warnings, set, status: (): DoorsStatus => station.settings().doors };
}

const at = (port: number) => `http://127.0.0.1:${port}`;

it('one door takes the place the other one leaves at that moment, and two change places', async () => {
  const [first = 0, second = 0, third = 0] = await freePorts(3);
  const { status, set, warnings } = await openDoors(first, second);
  expect(status()).toMatchObject({ api: at(first), gateway: at(second) });
  for (const [apiPort, gatewayPort] of [
    [third, first],
    [first, third],
    [third, first],
  ] as const) {
    set({ apiPort, gatewayPort });
    await waitFor('both are where they should be', () => {
      const { api, gateway } = status();
      return api === at(apiPort) && gateway === at(gatewayPort);
    });
  }
  expect(warnings).toEqual([]);
});

it('whoever looks for the engine learns whether its API is switched off or it is ending', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'idlewatch-doors-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const answer = takeSeat(folder);
  if (!answer.ok) throw new Error('the seat is taken');
  onTestFinished(() => answer.seat.release());
  const [first = 0, second = 0] = await freePorts(2);
  const { doors, set } = await openDoors(first, second, answer.seat);
  expect(findEngine(folder)).toMatchObject({ ok: true, url: at(first) });
  set({ apiEnabled: false });
  await waitFor('it is switched off', () => !findEngine(folder).ok);
  expect(findEngine(folder)).toMatchObject({ reason: expect.stringContaining('switched off') });
  set({ apiEnabled: true });
  await waitFor('it is open again', () => findEngine(folder).ok);
  await doors.close();
  expect(findEngine(folder)).toEqual({
    ok: false,
    reason: `the idlewatch that ran (process ${process.pid}) is ending`,
  });
});
