import { findEngine } from '../host/engine-seat';
import { stateFolder } from '../host/state-folder';
import { openToken } from '../host/token';
import { type Client, ClientError, createClient } from '../server/client';
import type { Context } from './command';

export type Attached = { ok: true; client: Client } | { ok: false; reason: string };

/** The engine that runs for whoever asks, asked over its API; or in words why there is none. */
export function attachToEngine(context: Context): Attached {
  const found = findEngine(stateFolder(context.environment));
  return found.ok ? { ok: true, client: clientOf(context, found.url) } : found;
}

/** Whatever engine runs whenever it is asked: where none does, it cannot be reached. */
export function clientOfAnyEngine(context: Context): Client {
  return clientOf(context, () => {
    const found = findEngine(stateFolder(context.environment));
    if (found.ok) return found.url;
    throw new ClientError('unreachable', found.reason);
  });
}

function clientOf({ environment }: Context, url: string | (() => string)): Client {
  return createClient({ url, token: openToken(stateFolder(environment)).read });
}
