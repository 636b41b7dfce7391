import type { WorkerId } from '../../../shared/model';
import { RewrittenFile } from '../rewritten-file';
import type { Reading, Source, SourceContext, SourceListener } from '../source';
import { Agent, type RegistryNow } from './agent';
import { parseRegistry, type RegisteredAgent } from './parse';

const REGISTRY_MAX_BYTES = 1024 * 1024;
/** Entries of processes that idlewatch never saw are shown for so long after they began. */
const HISTORY_SHOWN_MS = 86_400_000;

interface Registry {
  /** As a person named it. */
  path: string;
  unreadable: string | null;
  file: RewrittenFile<RegisteredAgent[]> | null;
  /** By job id, as last read. */
  named: Map<string, RegisteredAgent>;
  agents: Map<WorkerId, Agent>;
}

/** What other programs started and keep in a file of theirs, such as `running-agents.json`. One worker an entry. */
export function createAgentRegistrySource(context: SourceContext): Source {
  return new AgentRegistrySource(context);
}

class AgentRegistrySource implements Source {
  readonly kind = 'agent-registry';
  #registries: Registry[] = [];
  readonly #byAgent = new Map<WorkerId, Registry>();

  constructor(private readonly context: SourceContext) {}

  setRoots(paths: string[]): void {
    const before = new Map(this.#registries.map((registry) => [registry.path, registry]));
    this.#registries = [...new Set(paths)].map(
      (path) => before.get(path) ?? { path, unreadable: null, file: null, named: new Map(), agents: new Map() },
    );
  }

  roots() {
    return this.#registries.map(({ path, agents, unreadable }) => ({ path, workers: agents.size, unreadable }));
  }

  rootDirectories(): string[] {
    const { files } = this.context;
    return this.#registries.flatMap(
      ({ file, path }) => files.realPath(file ? files.parent(file.path) : files.parent(path)) ?? [],
    );
  }

  *sweep(listener: SourceListener): Generator<void, void, void> {
    for (const registry of this.#registries) yield* this.#sweepRegistry(registry, listener);
    for (const [id, registry] of [...this.#byAgent]) {
      if (!this.#registries.includes(registry)) this.#leave(id, listener, 'Its registry file is not watched any more');
    }
  }

  look(id: WorkerId): Reading | null {
    const registry = this.#byAgent.get(id);
    const agent = registry?.agents.get(id);
    if (!registry || !agent) return null;
    this.#read(registry);
    return agent.look(this.#nowOf(registry, agent.jobId));
  }

  touched(id: WorkerId): boolean {
    return this.#byAgent.get(id)?.file?.touched() ?? false;
  }

  watchDirectories(id: WorkerId): string[] {
    const file = this.#byAgent.get(id)?.file;
    return file ? [this.context.files.parent(file.path)] : [];
  }

  depthFor(id: WorkerId, name: string | null): 'full' | 'none' {
    const file = this.#byAgent.get(id)?.file;
    return file && (name === null || name === this.context.files.baseName(file.path)) ? 'full' : 'none';
  }

  logTail(): null {
    return null;
  }

  forget(id: WorkerId): void {
    this.#byAgent.get(id)?.agents.delete(id);
    this.#byAgent.delete(id);
  }

  *#sweepRegistry(registry: Registry, listener: SourceListener): Generator<void, void, void> {
    this.#open(registry);
    this.#read(registry);
    for (const agent of registry.named.values()) {
      yield;
      this.#meet(agent, registry, listener);
    }
    for (const agent of [...registry.agents.values()]) {
      yield;
      const now = this.#nowOf(registry, agent.jobId);
      if (now.agent || now.againInMs !== null || agent.follow(now) === 'alive') continue;
      this.#leave(agent.id, listener, 'Its entry left the registry file');
    }
  }

  /** Find the file behind its name, which may be a link to another one by now. */
  #open(registry: Registry): void {
    const { files, clock } = this.context;
    const path = files.realPath(registry.path);
    if (path === null || path === registry.file?.path) return;
    registry.file = new RewrittenFile({
      ...{ path, within: files.parent(path), maxBytes: REGISTRY_MAX_BYTES, parse: parseRegistry, files, clock },
    });
  }

  #read(registry: Registry): void {
    const { file } = registry;
    if (file?.look()) registry.named = new Map(file.value?.map((agent) => [agent.jobId, agent]));
    // Of a file that was never read well nothing stands that a doubt could spare.
    const fault = file?.value === null ? file.newestFault : file?.fault;
    registry.unreadable = file ? (fault?.detail ?? null) : 'there is no such file';
  }

  #nowOf(registry: Registry, jobId: string): RegistryNow {
    const { files, clock } = this.context;
    const { file } = registry;
    const isMissing = file?.fault?.kind === 'missing';
    return {
      name: files.baseName(registry.path),
      directory: files.parent(file?.path ?? registry.path),
      agent: isMissing ? null : (registry.named.get(jobId) ?? null),
      fault: file?.fault ?? null,
      writtenAt: file?.writtenAt ?? clock.wallMs(),
      againInMs: file?.againInMs ?? null,
    };
  }

  #meet(entry: RegisteredAgent, registry: Registry, listener: SourceListener): void {
    const id: WorkerId = `${this.kind}:${registry.path}#${entry.jobId}`;
    if (registry.agents.has(id)) return;
    const agent = new Agent(id, entry, this.context);
    agent.follow(this.#nowOf(registry, entry.jobId));
    const ageMs = this.context.clock.wallMs() - (entry.startedAt ?? 0);
    if (agent.isHistory && ageMs > HISTORY_SHOWN_MS) return;
    registry.agents.set(id, agent);
    this.#byAgent.set(id, registry);
    listener.onFound(id);
  }

  #leave(id: WorkerId, listener: SourceListener, why: string): void {
    this.forget(id);
    listener.onLeft(id, why);
  }
}
