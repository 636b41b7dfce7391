import { findEngine } from '../host/engine-seat';
import { stateFolder } from '../host/state-folder';
import { openToken } from '../host/token';
import { type Client, createClient } from '../server/client';
import type { Context } from './command';

export type Attached = { ok: true; client: Client } | { ok: false; reason: string };

/** The engine that runs for whoever asks, asked over its API; or in words why there is none. */
export function attachToEngine({ environment }: Context): Attached {
  const folder = stateFolder(environment);
  const found = findEngine(folder);
  if (!found.ok) return found;
  const token = openToken(folder);
  return { ok: true, client: createClient({ url: found.url, token: token.read }) };
}
