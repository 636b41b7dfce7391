import { findEngine } from '../host/engine-seat';
import { stateFolder } from '../host/state-folder';
import { openToken } from '../host/token';
import { type Client, ClientError, createClient } from '../server/client';
import type { Answer, CommandArgs } from '../shared/ipc';
import type { Context } from './command';

export type Attached = { ok: true; client: Client } | { ok: false; reason: string };

/** The engine that runs for whoever asks, asked over its API; or in words why there is none. */
export function attachToEngine(context: Context): Attached {
  const found = findEngine(stateFolder(context.environment));
  return found.ok ? { ok: true, client: clientOf(context, found.url) } : found;
}

/** The same, for what only an engine that goes on can do. Throws where there is none, with what it takes. */
export function engineThatRuns(context: Context): Client {
  const attached = attachToEngine(context);
  if (attached.ok) return attached.client;
  throw new Error(`${attached.reason}; it takes the app or idlewatch serve, running with its local API on`);
}

type Deed = 'worker.snooze' | 'worker.keepAlive' | 'policy.closeBreaker';

/** Have an engine do something at the word of the command line. Throws with the reason where it does not. */
export async function haveDone<D extends Deed>(client: Client, deed: D, args: CommandArgs<D>): Promise<void> {
  const answer: Answer = await client.invoke<Deed>(deed, args, { askedBy: 'cli' });
  if (!answer.ok) throw new Error(answer.reason);
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
