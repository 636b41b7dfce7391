import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createKiller, type Killer } from '../../../src/engine/act/kill';
import { createSessionServers } from '../../../src/engine/act/session-servers';
import type { MonitorPorts } from '../../../src/engine/monitor';
import { createClock } from '../../../src/host/clock';
import { createHttp } from '../../../src/host/http';
import { createProcessTable } from '../../../src/host/process-table';
import { openRegistry } from '../../../src/host/registry';
import { createSignals } from '../../../src/host/signals';
import type { KillReceipt, WorkerState } from '../../../src/shared/model';
import type { Settings } from '../../../src/shared/settings';
import { fetchOpenCode, makeOpenCode, type OpenCode, type OpenCodeOptions } from '../support/opencode';
import { type RealProcesses, realProcesses } from '../support/real-processes';
import { type StandIn, startStandIn } from '../support/stand-in';
import { waitFor } from '../support/wait-for';
import { type WatchedSources, watchSources } from '../support/watched-sources';

export const program = fetchOpenCode();
/** At the first prompt in a home OpenCode fetches what it wants to have, and answers nothing else meanwhile. */
export const SLOW_MS = 60_000;

/** A real server with a model that does as it is told; ended with the test. */
export interface World {
  base: string;
  openCode: OpenCode;
  standIn: StandIn;
  processes: RealProcesses;
  another(name: string, options?: OpenCodeOptions): Promise<OpenCode>;
}

export async function makeWorld(options: OpenCodeOptions = {}): Promise<World> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-opencode-')));
  const processes = realProcesses();
  onTestFinished(async () => {
    await processes.endAll();
    rmSync(base, { recursive: true, force: true });
  });
  const standIn = await startStandIn(processes);
  const another = (name: string, more: OpenCodeOptions = {}) =>
    makeOpenCode(program ?? '', join(base, name), standIn, processes, more);
  return { base, standIn, processes, openCode: await another('first', options), another };
}

/** What idlewatch says of the sessions of a server, and how it ends them. */
export interface WatchedOpenCode extends WatchedSources {
  killer: Killer;
  receipts: KillReceipt[];
  until(name: string, state: WorkerState, deadlineMs?: number): Promise<void>;
}

export async function watchOpenCode(
  world: World,
  roots: string[] = [world.openCode.url],
  settings: Partial<Settings> = {},
  ports: Partial<MonitorPorts> = {},
): Promise<WatchedOpenCode> {
  const http = createHttp();
  const watched = await watchSources({ opencode: roots }, { ports: { http, ...ports }, settings });
  const { monitor } = watched;
  const receipts: KillReceipt[] = [];
  const registry = openRegistry(join(world.base, 'state'), { warn: console.error });
  onTestFinished(() => registry.close());
  const killer = createKiller({
    table: createProcessTable(),
    signals: createSignals(),
    audit: registry.audit,
    clock: createClock(),
    servers: createSessionServers(http),
    settings: () => ({ killGraceMs: 2_000 }),
    target: (id) => monitor.killTarget(id),
    targets: () => monitor.killTargets(),
    onReceipt(receipt) {
      receipts.push(receipt);
      monitor.noteReceipt(receipt);
    },
  });
  return {
    ...watched,
    killer,
    receipts,
    async until(name, state, deadlineMs = SLOW_MS) {
      try {
        await waitFor(`${name} is ${state}`, () => watched.find(name)?.state === state, deadlineMs);
      } catch (error) {
        const row = watched.find(name);
        throw new Error(`${(error as Error).message}; it is ${row?.state}, ${row?.health}: ${row?.reason}`);
      }
    },
  };
}
