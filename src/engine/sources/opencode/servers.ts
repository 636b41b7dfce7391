import { ON_THIS_MACHINE } from '../../monitor-types';
import type { SourceContext } from '../source';
import { OpenCodeApi, parseAddress, type ServerAddress } from './api';
import type { SessionBook } from './book';
import { findListening, type Listening } from './discovery';
import { FollowedServer, type ServerListener } from './followed-server';

const DISCOVER_MS = 5_000;
/** What listens and is no server is asked again after this long; what gave no answer, sooner. */
const PROBE_AGAIN_MS = 60_000;
const UNANSWERED_AGAIN_MS = 5_000;
/** A server that was found and has ended is told of for so long. */
const KEPT_MS = 600_000;

interface Known {
  server: FollowedServer;
  /** As it stands in the roots; null: it was found. */
  root: string | null;
}

/** The servers that are named, and those found on this machine. */
export class Servers {
  readonly #known = new Map<string, Known>();
  /** By process and port: from when on it is asked again whether it is a server. */
  readonly #probedMs = new Map<string, number>();
  #roots: string[] = [];
  #fault: string | null = null;
  #discoveredMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly context: SourceContext,
    private readonly book: SessionBook,
    private readonly listener: ServerListener,
  ) {}

  get isAnyWanted(): boolean {
    return this.#roots.length > 0;
  }

  all(): FollowedServer[] {
    return [...this.#known.values()].map(({ server }) => server);
  }

  /** Why there may be more servers here than are known. */
  get fault(): string | null {
    return this.#fault;
  }

  setRoots(roots: readonly string[]): void {
    this.#roots = [...roots];
    const named = roots.flatMap((root) => {
      const address = root === ON_THIS_MACHINE ? null : parseAddress(root);
      return address ? [{ root, address }] : [];
    });
    for (const [key, { server, root }] of this.#known) {
      const stays = root === null ? this.#isDiscovering : named.some((one) => one.root === root);
      if (!stays) this.#drop(key, server);
    }
    for (const { root, address } of named) {
      const before = this.#known.get(address.key);
      // What is named comes with its password.
      if (before?.root === root) continue;
      if (before) this.#drop(address.key, before.server);
      this.#add(address, root);
    }
    if (!this.#isDiscovering) this.#fault = null;
    this.#discoveredMs = Number.NEGATIVE_INFINITY;
  }

  /** Look for servers here and ask all of them whose time has come. Never rejects. */
  async ask(): Promise<void> {
    const { clock } = this.context;
    const isDue = clock.monotonicMs() >= this.#discoveredMs + DISCOVER_MS;
    const found = isDue && this.#roots.length ? this.#look() : [];
    const probes = found.map((listening) => this.#probe(listening));
    await Promise.all([...probes, ...this.all().map((server) => server.poll())]);
  }

  /** Stop following; what is known stays. */
  rest(): void {
    for (const server of this.all()) server.rest();
    this.#discoveredMs = Number.NEGATIVE_INFINITY;
  }

  get #isDiscovering(): boolean {
    return this.#roots.includes(ON_THIS_MACHINE);
  }

  /** Whatever listens and has to be asked what it is. */
  #look(): Listening[] {
    const { processTable, clock } = this.context;
    this.#discoveredMs = clock.monotonicMs();
    const { listening, fault } = findListening(processTable);
    if (this.#isDiscovering) this.#fault = fault;
    const local = new Map(listening.map((each) => [each.port, each]));
    for (const { server } of this.#known.values()) {
      const process = server.address.isLocal ? local.get(server.address.port)?.process : undefined;
      if (process) server.runsIn(process);
    }
    this.#forgetEnded();
    this.#handOn();
    if (!this.#isDiscovering) return [];
    const unknown = listening.filter((each) => !each.isElsewhere && !this.#known.has(addressOf(each)?.key ?? ''));
    return unknown.filter((each) => clock.monotonicMs() >= (this.#probedMs.get(keyOf(each)) ?? 0));
  }

  async #probe(listening: Listening): Promise<void> {
    const address = addressOf(listening);
    if (!address) return;
    this.#probedMs.set(keyOf(listening), this.context.clock.monotonicMs() + PROBE_AGAIN_MS);
    const health = await new OpenCodeApi(this.context.http, address).health();
    if (!health.ok && !health.isAnswered)
      this.#probedMs.set(keyOf(listening), this.context.clock.monotonicMs() + UNANSWERED_AGAIN_MS);
    const isServer = health.ok ? health.value : health.isRefused;
    if (!isServer || !this.#isDiscovering || this.#known.has(address.key)) return;
    const server = this.#add(address, null);
    server.runsIn(listening.process);
    await server.poll();
  }

  /** Another server may have the sessions of one that is lost: it says so when it lists them. */
  #handOn(): void {
    const lost = this.all().filter((server) => server.isLost && this.book.of(server).length > 0);
    for (const server of this.all()) if (lost.length && !server.isLost) server.listSoon();
  }

  #forgetEnded(): void {
    const now = this.context.clock.monotonicMs();
    for (const [key, { server, root }] of this.#known) {
      if (root === null && server.isLost && now - server.heardMs > KEPT_MS) this.#drop(key, server);
    }
  }

  #add(address: ServerAddress, root: string | null): FollowedServer {
    const server = new FollowedServer(
      new OpenCodeApi(this.context.http, address),
      this.book,
      this.context,
      this.listener,
      root !== null,
    );
    this.#known.set(address.key, { server, root });
    return server;
  }

  #drop(key: string, server: FollowedServer): void {
    server.close();
    this.#known.delete(key);
    for (const { info } of this.book.of(server)) this.book.delete(info.id);
    this.listener.appeared();
  }
}

function addressOf({ host, port }: Listening): ServerAddress | null {
  return parseAddress(`http://${host}:${port}`);
}

function keyOf({ process, port }: Listening): string {
  return `${process.pid} ${process.startTime} ${port}`;
}
