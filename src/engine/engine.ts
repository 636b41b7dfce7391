import { intentWords } from '../shared/asker-words';
import type { PolicyMessage } from '../shared/model';
import type { Settings } from '../shared/settings';
import { createEndNotes, type WorkbenchNotes } from './act/end-notes';
import { createKiller, type Killer } from './act/kill';
import { createPolicy, type Policy } from './act/policy';
import { createReaper, type Reaper } from './act/reap';
import { createSessionServers } from './act/session-servers';
import { createUpkeep } from './act/upkeep';
import { createMonitor, type MonitorPorts } from './monitor';
import type { Monitor, WatchedRoots } from './monitor-types';
import type { AuditLog, LoadProbe, Signals, TreeRemover } from './ports';
import type { RunSpool, UnfinishedKill } from './run-registry';

export interface EnginePorts extends MonitorPorts {
  signals: Signals;
  load: LoadProbe;
  remover: TreeRemover;
  workbenches: WorkbenchNotes;
  audit: AuditLog & { unfinishedKills(): UnfinishedKill[] };
  spool: RunSpool;
}

export interface EngineOptions {
  settings: () => Settings;
  roots: WatchedRoots;
  /** Of the newest event that was kept before; absent: none was. */
  lastEventId?: number;
  /** Tell the person: by a notification, where there is a desktop. */
  tell(message: PolicyMessage): void;
  /** Why another engine may be acting beside this one, in words; null, or absent: none can. Then nothing is ended automatically. */
  rival?(): string | null;
}

/** All that watches and acts, put together. */
export interface Engine {
  monitor: Monitor;
  killer: Killer;
  reaper: Reaper;
  policy: Policy;
  start(): void;
  /** New settings or directories take effect at once. */
  configure(roots: WatchedRoots): void;
  /** Resolves once nothing of it is under way any more. */
  stop(): Promise<void>;
}

/** For whoever only wants to look or act once: nothing runs by itself before `start()`. */
export function createEngine(ports: EnginePorts, options: EngineOptions): Engine {
  const { settings, tell, rival } = options;
  const notes = createEndNotes(ports);
  const monitor = createMonitor(ports, settings(), options.roots, options.lastEventId);
  const killer = createKiller({
    table: ports.processTable,
    signals: ports.signals,
    audit: ports.audit,
    clock: ports.clock,
    multiplexer: ports.multiplexer,
    servers: createSessionServers(ports.http),
    settings,
    target: (id) => monitor.killTarget(id),
    targets: () => monitor.killTargets(),
    onIntent(target, intent) {
      monitor.noteEvent('kill_intent', target.workerId, intentWords(intent), intent);
      return notes.onIntent(target, intent);
    },
    onEnded: notes.onEnded,
    onReceipt: (receipt) => monitor.noteReceipt(receipt),
  });
  const reaper = createReaper({ ...ports, monitor, settings, onRemoved: (leftover) => forgetRun(ports, leftover) });
  const policy = createPolicy({ ...ports, monitor, killer, settings, tell, ...(rival ? { rival } : {}) });
  const upkeep = createUpkeep({
    ...ports,
    table: ports.processTable,
    settings,
    killer,
    tell: (text, runId) => monitor.noteEvent('notice', runId === null ? null : `supervised-run:${runId}`, text),
  });
  let stopReaping = () => {};

  return {
    monitor,
    killer,
    reaper,
    policy,
    start() {
      policy.start();
      monitor.start();
      stopReaping = reaper.startHourly();
      void monitor.firstReading().then(() => upkeep.start());
    },
    configure(roots) {
      monitor.configure(settings(), roots);
      policy.configure();
    },
    async stop() {
      stopReaping();
      await Promise.all([policy.stop(), upkeep.stop()]);
      monitor.stop();
    },
  };
}

/** What the reaper removed of a run needs no entry any more. */
function forgetRun({ runs, log }: EnginePorts, { workerId, source }: { workerId: string; source: string }): void {
  if (source !== 'supervised-run') return;
  try {
    runs.forget(workerId.slice(`${source}:`.length));
  } catch (error) {
    log.warn(`the run registry keeps an entry of what was removed: ${(error as Error).message}`);
  }
}
