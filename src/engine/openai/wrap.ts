import type { OpenAIClient } from './client';
import { overlay } from './overlay';
import { type CreateParts, type Resource, shareCreate } from './shared-create';
import type { Path } from './whole';

/** Functions of a resource that make requests as `create` does, in ways of their own. */
const HELPERS = ['parse', 'stream', 'runTools'];

/**
 * Wraps clients: `responses.create` and `chat.completions.create` share and remember, their helpers are noted as traffic,
 * everything else is the client's own. The same client gives the same wrapped one.
 */
export function createWrapper(parts: CreateParts): <Client extends OpenAIClient>(client: Client) => Client {
  const wrapped = new WeakMap<object, object>();
  let made = 0;

  function wrap(client: object): object {
    const before = wrapped.get(client);
    if (before) return before;
    made += 1;
    const owner = { client, id: String(made) };
    const wrapResource = cached((raw: Resource, path: Path) => {
      const create = shareCreate(raw, path, owner, parts);
      return overlay(raw, (name, own) => (name === 'create' ? create : noted(name, own, parts.noteTraffic)));
    });
    const wrapChat = cached((raw: object) =>
      overlay(raw, (name, own) =>
        name === 'completions' && isResource(own) ? wrapResource(own, '/chat/completions') : own,
      ),
    );
    const proxy = overlay(client, (name, own) => {
      if (name === 'responses' && isResource(own)) return wrapResource(own, '/responses');
      if (name === 'chat' && isObject(own)) return wrapChat(own);
      if (name === 'withOptions' && typeof own === 'function') return (...args: unknown[]) => wrap(own(...args));
      return own;
    });
    wrapped.set(client, proxy);
    wrapped.set(proxy, proxy);
    return proxy;
  }

  return <Client extends OpenAIClient>(client: Client) => wrap(client) as Client;
}

function noted(name: string | symbol, own: unknown, noteTraffic: () => void): unknown {
  if (typeof own !== 'function' || typeof name !== 'string' || !HELPERS.includes(name)) return own;
  return (...args: unknown[]) => {
    noteTraffic();
    return own(...args);
  };
}

/** Makes the same of the same object, so that members compare equal each time they are read. */
function cached<Of extends object, Args extends unknown[], Made extends object>(make: (of: Of, ...args: Args) => Made) {
  const known = new WeakMap<Of, Made>();
  return (of: Of, ...args: Args): Made => {
    const made = known.get(of) ?? make(of, ...args);
    known.set(of, made);
    return made;
  };
}

function isResource(value: unknown): value is Resource {
  return isObject(value) && typeof Reflect.get(value, 'create') === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
