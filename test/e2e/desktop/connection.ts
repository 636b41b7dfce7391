import { once } from 'node:events';
import { Message, type MessageBus, sessionBus, Variant } from '@jellybrick/dbus-next';

/** One method call. */
export interface Call {
  to: string;
  path: string;
  iface: string;
  member: string;
  signature?: string;
  body?: unknown[];
}

export async function connect(busAddress: string): Promise<MessageBus> {
  const bus = sessionBus({ busAddress });
  await once(bus, 'connect');
  return bus;
}

/** Call a method; resolves with what it returned, variants unwrapped. */
export async function call(bus: MessageBus, { to, path, iface, member, signature, body }: Call): Promise<unknown[]> {
  const message = new Message({
    destination: to,
    path,
    interface: iface,
    member,
    signature: signature ?? '',
    body: body ?? [],
  });
  const reply = await bus.call(message);
  return plain(reply?.body ?? []) as unknown[];
}

/** Without variants, all the way down. */
function plain(value: unknown): unknown {
  if (value instanceof Variant) return plain(value.value);
  if (Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
