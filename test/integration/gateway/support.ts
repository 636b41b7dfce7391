import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type ServerResponse,
  request as sendRequest,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../../src/engine/ports';
import { createClock } from '../../../src/host/clock';
import { openGateway } from '../../../src/server/gateway';
import { createGatewayCounts, type GatewayCounts } from '../../../src/server/gateway/counts';
import type { Settings } from '../../../src/shared/settings';
import { makeRun, type Watched, type WatchOptions, watch } from '../support/watched-run';

/** A gateway of one test's own, with a real monitor behind it. */
export interface TestGateway {
  /** `http://127.0.0.1:…`, without `/v1`. */
  url: string;
  port: number;
  counts: GatewayCounts;
  watched: Watched;
  warnings: string[];
  /** From the next request on. */
  set(changes: Partial<Settings>): void;
  close(): Promise<void>;
}

export interface TestGatewayOptions extends WatchOptions {
  /** State directories to watch; none: an empty one. */
  roots?: string[];
  /** The gateway's alone. */
  clock?: Clock;
  /** A monitor that is there already. */
  monitored?: Watched;
}

/** `upstream`: with its `/v1`. */
export async function openTestGateway(
  upstream: string | null,
  changes: Partial<Settings> = {},
  { roots, clock = createClock(), monitored, ...options }: TestGatewayOptions = {},
): Promise<TestGateway> {
  const watched =
    monitored ??
    (await watch(roots ?? [makeRun().state], { ...options, settings: { ...options.settings, ...changes } }));
  let settings: Settings = { ...watched.settings, ...changes, IDLEWATCH_UPSTREAM: upstream };
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  const counts = createGatewayCounts();
  const door = await openGateway({ settings: () => settings, monitor: watched.monitor, log, clock, counts }, 0);
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= door.close();
    return closing;
  };
  onTestFinished(close);
  return {
    ...{ url: door.url, port: door.port, counts, watched, warnings, close },
    set(more) {
      settings = { ...settings, ...more };
    },
  };
}

/** What an upstream was asked. */
export interface Asked {
  method: string;
  url: string;
  rawHeaders: string[];
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface TestUpstream {
  /** `http://127.0.0.1:…/v1`. */
  url: string;
  port: number;
  /** Requests whose body has come as a whole, oldest first. */
  asked: Asked[];
  /** Connections that were opened to it. */
  connections(): number;
  close(): Promise<void>;
}

/** An upstream that answers as the test says, once the whole body has come. */
export async function startUpstream(answer: (asked: Asked, response: ServerResponse) => void): Promise<TestUpstream> {
  const asked: Asked[] = [];
  const served = await serve(async (request, response) => {
    const { method = '', url = '', rawHeaders, headers } = request;
    try {
      const each = { method, url, rawHeaders, headers, body: await bodyOf(request) };
      asked.push(each);
      answer(each, response);
    } catch {
      // The caller has hung up.
    }
  });
  return { ...served, url: `http://127.0.0.1:${served.port}/v1`, asked };
}

/** A server of a test's own on a free port; closed with the test. */
export async function serve(listener: RequestListener, port = 0) {
  let connections = 0;
  const server = createServer(listener)
    .on('connection', () => {
      connections += 1;
    })
    .listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, connections: () => connections, close };
}

export async function bodyOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export interface Ask {
  method?: string;
  headers?: OutgoingHttpHeaders | readonly string[];
  body?: string | Buffer;
}

export interface Told {
  status: number;
  statusText: string;
  rawHeaders: string[];
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** Ask over a plain connection of its own; the answer's bytes as they come. */
export async function ask(url: string, asked: Ask = {}): Promise<Told> {
  const answer = await begin(url, asked);
  const { statusCode = 0, statusMessage = '', rawHeaders, headers } = answer;
  return { status: statusCode, statusText: statusMessage, rawHeaders, headers, body: await bodyOf(answer) };
}

/** Resolves with the head; the body is still to come. Destroy the answer to hang up. */
export function begin(url: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = sendRequest(url, { method, headers: headers as OutgoingHttpHeaders, agent: false }, resolve);
    request.on('error', reject);
    request.end(body);
  });
}

/** A chat completion is asked for. */
export function chat(url: string, body: object, headers: OutgoingHttpHeaders = {}): Promise<Told> {
  return ask(`${url}/v1/chat/completions`, chatRequest(body, headers));
}

export function chatRequest(body: object, headers: OutgoingHttpHeaders = {}): Ask {
  const text = JSON.stringify({ model: 'stand-in', messages: [{ role: 'user', content: 'Hello' }], ...body });
  const length = Buffer.byteLength(text);
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': length, ...headers },
    body: text,
  };
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** The `error` of an answer of OpenAI's shape. */
export function errorOf({ body }: Told): { message: string; type: string; param: unknown; code: string } {
  return (JSON.parse(body.toString()) as { error: ReturnType<typeof errorOf> }).error;
}
