import type { Logger } from '../engine/ports';
import type { EngineInfo, EngineSeat } from '../host/engine-seat';
import type { TokenFile } from '../host/token';
import type { Settings } from '../shared/settings';
import { openApi } from './api';
import type { Door } from './door';
import { openGateway } from './gateway';
import { createGatewayCounts } from './gateway/counts';
import { gatewayMetrics } from './gateway/metrics';
import type { Station } from './station';

export interface DoorParts {
  station: Station;
  token: TokenFile;
  seat: EngineSeat | null;
  log: Logger;
  /** What is written down of this engine beside its addresses. */
  self: Pick<EngineInfo, 'pid' | 'startedAt' | 'version' | 'shell'>;
  /** The built page; null: none is served. */
  pageFolder: string | null;
}

/** The servers of this engine: open as the settings say, and told to whoever looks for them. */
export interface Doors {
  /** Open what should be open; resolves once that is so, or it is known what is in the way. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** So long a door that is left stays open, for those who are there to read where the new one is. */
const TOLD_MS = 500;

type DoorName = 'api' | 'gateway';
const DOOR_WORDS: Record<DoorName, string> = { api: 'The local API', gateway: 'The model gateway' };

export function createDoors(parts: DoorParts): Doors {
  const { station, token, seat, log, self } = parts;
  const { clock } = station.machine;
  const { monitor } = station.engine;
  const settings = () => station.settings().settings;
  const doors: Record<DoorName, OpenDoor | null> = { api: null, gateway: null };
  const problems: Record<DoorName, string | null> = { api: null, gateway: null };
  const counts = createGatewayCounts();
  const moreMetrics = gatewayMetrics(counts);
  const ways: Record<DoorName, (port: number) => Promise<Door>> = {
    api: (port) =>
      openApi({ station, token, log, version: self.version, pageFolder: parts.pageFolder, moreMetrics }, port),
    gateway: (port) => openGateway({ settings, monitor, log, clock, counts }, port),
  };
  let last: Promise<void> = Promise.resolve();
  let isClosed = false;

  /** Bring one door to where it should be. Returns the one that is left, still open: whoever is there learns of the new one first. */
  async function follow(name: DoorName): Promise<Door | null> {
    const before = doors[name];
    const wanted = wantedOf(name);
    problems[name] = isClosed ? null : missing(name, settings());
    if (before?.wantedPort === wanted) return null;
    if (before && before.door.port === wanted) {
      doors[name] = { ...before, wantedPort: wanted };
      return null;
    }
    const next = wanted === null ? null : await openNew(name, wanted);
    // Rather the one that is open than none.
    if (wanted !== null && next === null) return null;
    doors[name] = next;
    return before?.door ?? null;
  }

  async function openNew(name: DoorName, wantedPort: number): Promise<OpenDoor | null> {
    const opened = await openAt(ways[name], wantedPort);
    if ('error' in opened) {
      problems[name] = `${DOOR_WORDS[name]} cannot be opened: ${opened.error}.`;
      return null;
    }
    if ('instead' in opened) log.warn(`${DOOR_WORDS[name]} is at ${opened.door.url}: ${opened.instead}`);
    return { door: opened.door, wantedPort };
  }

  async function followAll(): Promise<void> {
    let known = JSON.stringify(status());
    const left: Door[] = [];
    const leave = async () => {
      if (JSON.stringify(status()) !== known) tell();
      known = JSON.stringify(status());
      if (!left.length) return;
      // What was told has to be read before the connections go that it was told on: a browser drops what it has not read yet.
      if (!isClosed) await new Promise<void>((done) => clock.after(TOLD_MS, done));
      for (const door of left.splice(0)) await door.close();
    };
    for (const [name, other] of [
      ['api', 'gateway'],
      ['gateway', 'api'],
    ] as const) {
      const wanted = wantedOf(name);
      if (left.some(({ port }) => port === wanted)) await leave();
      if (wantedOf(other) !== wanted && doors[other]?.door.port === wanted) await giveWay(other);
      const door = await follow(name);
      if (door) left.push(door);
    }
    await leave();
  }

  /** It stands where the other one is to be, and is to be elsewhere itself. */
  async function giveWay(name: DoorName): Promise<void> {
    await doors[name]?.door.close();
    doors[name] = null;
  }

  /** Null: it should be closed. */
  function wantedOf(name: DoorName): number | null {
    return isClosed ? null : portOf(name, settings());
  }

  function status() {
    const told = Object.values(problems).filter((problem) => problem !== null);
    return { api: doors.api?.door.url ?? null, gateway: doors.gateway?.door.url ?? null, problems: told };
  }

  function tell(): void {
    const now = status();
    for (const problem of now.problems) log.warn(problem);
    publish();
    station.settingsStore.noteDoors(now);
  }

  function publish(): void {
    const { api, gateway } = status();
    const roots = station.roots.list();
    const directories = { workers: roots['worker-directory'] ?? [], workbenches: roots.workbench ?? [] };
    try {
      seat?.publish({ ...self, api, gateway, directories, ...(isClosed && { isEnding: true }) });
    } catch (error) {
      log.warn(`Where this engine is reached cannot be written down: ${(error as Error).message}`);
    }
  }

  /** One after the other: the settings may change while a door is being opened. */
  function soon(): Promise<void> {
    last = last.then(followAll).catch((error: Error) => log.warn(`The doors could not be seen to: ${error.message}`));
    return last;
  }

  station.listen({ settings: () => void soon() });
  station.onRoots(publish);
  return {
    async open() {
      await soon();
      tell();
    },
    close() {
      isClosed = true;
      return soon();
    },
  };
}

interface OpenDoor {
  door: Door;
  /** What the settings asked for, which need not be what it got. */
  wantedPort: number;
}

/** Null: it is not wanted. */
function portOf(name: DoorName, settings: Settings): number | null {
  if (name === 'api') return settings.apiEnabled ? settings.apiPort : null;
  return settings.gatewayEnabled && settings.IDLEWATCH_UPSTREAM !== null ? settings.gatewayPort : null;
}

function missing(name: DoorName, settings: Settings): string | null {
  const isWithoutUpstream = name === 'gateway' && settings.gatewayEnabled && settings.IDLEWATCH_UPSTREAM === null;
  return isWithoutUpstream ? 'The model gateway is on but has no upstream: set IDLEWATCH_UPSTREAM.' : null;
}

type Opened = { door: Door } | { door: Door; instead: string } | { error: string };

/** At this port; where that is taken, at any that is free. */
async function openAt(way: (port: number) => Promise<Door>, port: number): Promise<Opened> {
  try {
    return { door: await way(port) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') return { error: message };
  }
  try {
    return { door: await way(0), instead: `port ${port} is not to be had` };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
