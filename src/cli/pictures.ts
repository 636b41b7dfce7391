import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchedRoots } from '../engine/monitor-types';
import { type Client, ClientError } from '../server/client';
import type { Delta, Snapshot } from '../shared/model';
import type { Settings } from '../shared/settings';
import { applyDelta } from '../shared/snapshot';
import { attachToEngine } from './attached';
import type { Context } from './command';
import { type GivenDirectories, isAnyGiven, refuseUnreadable, rootsFrom } from './directories';
import { openMachine } from './machine';
import { openEngine, readOnce } from './reading';
import { createWaiting } from './waiting';

/** All workers at one moment, and what changed since the picture before. */
export interface Picture {
  snapshot: Snapshot;
  /** Null: the first picture, or one that follows none. */
  delta: Delta | null;
}

/** Where to look: through the engine that runs, or, where directories are given or none runs, with one of our own. */
export interface Looking {
  context: Context;
  settings: Settings;
  given: GivenDirectories;
}

/** How often somebody who looks alone asks whether an engine runs meanwhile. */
const SEEK_MS = 10_000;
/** An engine whose stream was lost is asked again so soon, and left alone after so many times without a picture. */
const AGAIN_MS = 250;
const LOST_MAX = 3;
/** More deltas than this wait for nobody: the next picture is a new one. */
const WAITING_MAX = 64;

/** One picture: of the engine that runs, else by a reading of our own. */
export async function pictureNow({ context, settings, given }: Looking): Promise<Snapshot> {
  const attached = isAnyGiven(given) ? null : attachToEngine(context);
  if (attached?.ok) {
    try {
      return await attached.client.snapshot();
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  const machine = openMachine(context);
  try {
    const { snapshot } = await readOnce(machine, settings, rootsFrom(given, settings, context));
    refuseUnreadable(given, snapshot);
    return snapshot;
  } finally {
    machine.close();
  }
}

/** Picture after picture, until the signal is aborted; whose engine it is may change meanwhile. */
export async function* pictures(looking: Looking, signal: AbortSignal): AsyncGenerator<Picture> {
  const mayAttach = !isAnyGiven(looking.given);
  let lost = 0;
  while (!signal.aborted) {
    const attached = mayAttach && lost < LOST_MAX ? attachToEngine(looking.context) : null;
    const source = attached?.ok ? attachedPictures(attached.client, signal) : ownPictures(looking, mayAttach, signal);
    try {
      for await (const picture of source) {
        lost = 0;
        yield picture;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isGone(error)) throw error;
      lost += 1;
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ClientError && error.mayPass;
}

async function* attachedPictures(client: Client, signal: AbortSignal): AsyncGenerator<Picture> {
  let snapshot: Snapshot | null = null;
  for await (const message of client.stream({ signal })) {
    if (message.event === 'open') {
      snapshot = message.data.snapshot;
      yield { snapshot, delta: null };
    } else if (message.event === 'delta' && snapshot) {
      snapshot = applyDelta(snapshot, message.data);
      if (!snapshot) throw new ClientError('lost', 'a change follows no picture');
      yield { snapshot, delta: message.data };
    }
  }
}

/** With an engine of our own, which only looks; until another one runs, where that is asked for. */
async function* ownPictures(looking: Looking, mayAttach: boolean, signal: AbortSignal): AsyncGenerator<Picture> {
  const { context, settings, given } = looking;
  const roots: WatchedRoots = rootsFrom(given, settings, context);
  const machine = openMachine(context);
  const engine = await openEngine(machine, settings, roots);
  const waiting = createWaiting<Delta>(WAITING_MAX, signal);
  const seeking = setInterval(() => {
    if (mayAttach && attachToEngine(context).ok) waiting.end();
  }, SEEK_MS);
  const view = engine.monitor.view(waiting.add);
  try {
    let snapshot = view.snapshot();
    refuseUnreadable(given, snapshot);
    yield { snapshot, delta: null };
    for await (const delta of waiting) {
      const next: Snapshot | null = delta && applyDelta(snapshot, delta);
      snapshot = next ?? view.snapshot();
      yield { snapshot, delta: next && delta };
    }
  } finally {
    clearInterval(seeking);
    view.close();
    engine.monitor.stop();
    machine.close();
  }
}
