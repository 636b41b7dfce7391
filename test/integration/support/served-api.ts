import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { expect, onTestFinished } from 'vitest';
import { openJournal } from '../../../src/host/journal';
import { createMachine } from '../../../src/host/machine';
import { openToken, type TokenFile } from '../../../src/host/token';
import { openApi } from '../../../src/server/api';
import type { Door } from '../../../src/server/door';
import { createStation, type Station } from '../../../src/server/station';
import type { SettingKey } from '../../../src/shared/settings';
import { waitFor } from './wait-for';

interface Ask {
  method?: string;
  /** Sent as JSON, unless it is a text. */
  body?: unknown;
  /** In place of the usual ones; undefined takes one away. */
  headers?: Record<string, string | undefined>;
}

export interface Answered {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
  /** Null where it is none. */
  json: unknown;
}

/** Events of a stream that is read to the end of the test. */
export interface Followed {
  messages: EventSourceMessage[];
  status: number;
  headers: IncomingMessage['headers'];
  /** The first message that fits, be it here or to come. */
  next(what: string, fits: (message: EventSourceMessage) => boolean): Promise<EventSourceMessage>;
  ended(): Promise<void>;
  close(): void;
}

/** A real API over a real engine that watches real worker directories, on a port and in folders of the test's own. */
export interface ServedApi {
  base: string;
  stateFolder: string;
  settingsFile: string;
  station: Station;
  token: TokenFile;
  door: Door;
  warnings: string[];
  ask(path: string, ask?: Ask): Promise<Answered>;
  follow(path: string, headers?: Record<string, string>): Promise<Followed>;
  /** Write a worker's heartbeat; returns the worker's id. */
  beat(name: string, content?: Record<string, unknown>): string;
  /** Where a worker's directory is. */
  directoryOf(name: string): string;
  /** Resolves once there is such a worker, and it fits. */
  worker(id: string, fits?: (row: { state: string; snoozed: boolean; pid: number | null }) => boolean): Promise<void>;
}

interface ServedOptions {
  settings?: Partial<Record<SettingKey, unknown>>;
  /** Where other programs are looked for too; absent: in the worker directories alone. */
  environment?: Record<string, string>;
  pageFolder?: string;
  /** The station is made, and does nothing yet. */
  before?(station: Station): void;
}

export async function servedApi({
  settings = {},
  environment,
  pageFolder,
  before,
}: ServedOptions = {}): Promise<ServedApi> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-api-')));
  const stateFolder = join(base, 'state');
  const settingsFile = join(base, 'settings.json');
  const run = join(base, 'run');
  mkdirSync(join(run, 'workers'), { recursive: true });
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  const machine = createMachine(stateFolder, log);
  const station = createStation(machine, openJournal(stateFolder, log, machine.clock), {
    environment: environment ?? {},
    ...{ stateFolder, settingsFile, settings },
    given: { workerDirs: environment ? [] : [run], workbenchDirs: [] },
    demo: { execPath: process.execPath, scriptPath: '/nowhere', supervisorPath: '/nowhere' },
  });
  before?.(station);
  const token = openToken(stateFolder, machine.fileEvents);
  const parts = { station, token, log, version: '1.2.3', pageFolder: pageFolder ?? null };
  const door = await openApi(parts, 0);
  station.start();
  const streams: Followed[] = [];
  onTestFinished(async () => {
    for (const stream of streams) stream.close();
    await door.close();
    await station.stop();
    token.close();
    machine.close();
    rmSync(base, { recursive: true, force: true });
  });
  await station.engine.monitor.firstReading();

  const directoryOf = (name: string) => join(run, 'workers', name);
  const usual = () => ({ authorization: `Bearer ${token.read()}` });
  return {
    ...{ base, stateFolder, settingsFile, station, token, door, warnings, directoryOf },
    ask: (path, ask = {}) =>
      askAt(door, path, {
        ...ask,
        headers: { ...('authorization' in { ...ask.headers } ? {} : usual()), ...ask.headers },
      }),
    async follow(path, headers = {}) {
      const stream = await follow(door, path, { ...usual(), ...headers });
      streams.push(stream);
      return stream;
    },
    beat(name, content = {}) {
      const directory = directoryOf(name);
      mkdirSync(directory, { recursive: true });
      const beat = { status: 'busy', ts: new Date().toISOString(), ...content };
      writeFileSync(join(directory, 'heartbeat.json'), JSON.stringify(beat));
      return `worker-directory:${directory}`;
    },
    async worker(id, fits = () => true) {
      await waitFor(`the worker ${id}`, () => {
        const row = station.row(id);
        return row && fits(row);
      });
    },
  };
}

/** By hand, since fetch sends no Host and no Origin of ours. */
function askAt(door: Door, path: string, { method = 'GET', body, headers = {} }: Ask): Promise<Answered> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const typed =
    text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const given = Object.entries({ ...typed, ...headers }).filter(([, value]) => value !== undefined);
  return new Promise((done, fail) => {
    const asked = request(`${door.url}${path}`, { method, headers: Object.fromEntries(given), agent: false });
    asked.on('error', fail);
    asked.on('response', (answer) => {
      let received = '';
      answer.setEncoding('utf8').on('data', (piece) => {
        received += piece;
      });
      answer.on('error', fail);
      answer.on('end', () =>
        done({ status: answer.statusCode ?? 0, headers: answer.headers, text: received, json: jsonIn(received) }),
      );
    });
    asked.end(text);
  });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function follow(door: Door, path: string, headers: Record<string, string>): Promise<Followed> {
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => void messages.push(message) });
  const asked = request(`${door.url}${path}`, { headers, agent: false });
  asked.end();
  const answer = await new Promise<IncomingMessage>((done, fail) => asked.on('response', done).on('error', fail));
  asked.on('error', () => undefined);
  let isEnded = false;
  answer.setEncoding('utf8').on('data', (piece: string) => parser.feed(piece));
  answer.on('error', () => undefined);
  answer.on('close', () => {
    isEnded = true;
  });
  return {
    messages,
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    next: (what, fits) => waitFor(what, () => messages.find(fits)),
    ended: async () => void (await waitFor('the stream has ended', () => isEnded)),
    close: () => asked.destroy(),
  };
}

/** What every refusal looks like. */
export function refusal(code: string, message: string | RegExp) {
  const words = typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message);
  return { error: { code, message: words } };
}
