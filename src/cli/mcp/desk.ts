import type { IdleItems } from '../../engine/monitor-types';
import { type Client, ClientError } from '../../server/client';
import { createKills } from '../../server/kills';
import type { KillAnswer } from '../../shared/ipc';
import type { KillPlan, Snapshot, WorkerId, WorkerReport } from '../../shared/model';
import type { Settings } from '../../shared/settings';
import { attachToEngine } from '../attached';
import type { Context } from '../command';
import { openWorkshop } from '../workshop';

/** What the tools ask of an engine, be it the one that runs or one of our own. */
export interface McpDesk {
  snapshot(): Promise<Snapshot>;
  worker(id: WorkerId): Promise<WorkerReport | null>;
  idleItems(): Promise<IdleItems>;
  plan(id: WorkerId): Promise<KillPlan>;
  execute(planId: string, acceptShared: boolean): Promise<KillAnswer>;
}

export interface McpDesks {
  /** Ask whichever engine there is now: the one that runs, else one of our own, which is kept for the next question. */
  ask<T>(question: (desk: McpDesk) => Promise<T>): Promise<T>;
  /** Resolves once nothing is being ended any more and our own engine is gone. */
  close(): Promise<void>;
}

interface OwnDesk {
  desk: McpDesk;
  close(): Promise<void>;
}

export function createDesks(context: Context, settings: Settings): McpDesks {
  let own: Promise<OwnDesk> | null = null;
  const underWay = new Set<Promise<unknown>>();

  async function closeOwn(): Promise<void> {
    const closing = own;
    own = null;
    await (await closing)?.close();
  }

  async function ownDesk(): Promise<McpDesk> {
    own ??= openOwn(context, settings);
    return (await own).desk;
  }

  async function answered<T>(question: (desk: McpDesk) => Promise<T>): Promise<T> {
    const attached = attachToEngine(context);
    if (!attached.ok) return question(await ownDesk());
    // Questions it was asked before are answered all the same.
    void closeOwn();
    try {
      return await question(deskOf(attached.client));
    } catch (error) {
      // It has just ended: nothing was asked of it.
      if (error instanceof ClientError && error.trouble === 'unreachable') return question(await ownDesk());
      throw error;
    }
  }

  return {
    ask(question) {
      const answer = answered(question);
      underWay.add(answer);
      const done = () => void underWay.delete(answer);
      answer.then(done, done);
      return answer;
    },
    async close() {
      await Promise.allSettled(underWay);
      await closeOwn();
    },
  };
}

function deskOf(client: Client): McpDesk {
  return {
    snapshot: client.snapshot,
    worker: client.worker,
    idleItems: client.idleItems,
    plan: (id) => client.invoke('kill.plan', [id]),
    execute: (planId, acceptShared) => client.invoke('kill.execute', [planId, { acceptShared }]),
  };
}

async function openOwn(context: Context, settings: Settings): Promise<OwnDesk> {
  const { monitor, killer, close } = await openWorkshop(settings, { workers: [], workbenches: [] }, context);
  const kills = createKills(killer, (id) => monitor.report(id)?.reason ?? 'it was asked for');
  return {
    desk: {
      snapshot: async () => monitor.snapshot(),
      worker: async (id) => monitor.report(id),
      idleItems: async () => monitor.idleItems(),
      plan: async (id) => kills.plan(id),
      execute: (planId, acceptShared) => kills.execute(planId, acceptShared, 'api'),
    },
    async close() {
      await kills.settled();
      close();
    },
  };
}
