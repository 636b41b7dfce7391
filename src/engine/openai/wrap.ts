import type { OpenAIClient } from './client';
import { type CreateParts, type Resource, shareCreate } from './shared-create';
import type { Path } from './whole';

/** Functions of a resource that call its `create` themselves. */
const HELPERS = ['parse', 'stream', 'runTools'];

/**
 * Wraps clients: `responses.create` and `chat.completions.create` (and the helpers that call them) share and remember,
 * everything else is the client's own.
 */
export function createWrapper(parts: CreateParts): <Client extends OpenAIClient>(client: Client) => Client {
  const wrapped = new WeakMap<object, object>();
  let made = 0;

  function wrap<Client extends OpenAIClient>(client: Client): Client {
    const before = wrapped.get(client);
    if (before) return before as Client;
    made += 1;
    const owner = { client, id: String(made) };
    const own = memberOf(client);
    const resource = cached((raw: Resource, path: Path) => wrapResource(raw, shareCreate(raw, path, owner, parts)));
    const chat = cached((raw: object) => {
      const ownOfChat = memberOf(raw);
      return new Proxy(raw, {
        get: (_, name) =>
          name === 'completions' ? resource(Reflect.get(raw, name) as Resource, '/chat/completions') : ownOfChat(name),
      });
    });

    function wrapResource(raw: Resource, create: Resource['create']): Resource {
      const ownOfResource = memberOf(raw);
      return new Proxy(raw, {
        get(_, name, itself) {
          if (name === 'create') return create;
          if (name === '_client') return wrapped.get(client);
          const member: unknown = Reflect.get(raw, name);
          const isHelper = typeof name === 'string' && HELPERS.includes(name) && typeof member === 'function';
          return isHelper ? (...args: unknown[]) => Reflect.apply(member, itself, args) : ownOfResource(name);
        },
      });
    }

    const proxy = new Proxy(client, {
      get(_, name) {
        const member: unknown = Reflect.get(client, name);
        if (name === 'responses' && isObject(member)) return resource(member as unknown as Resource, '/responses');
        if (name === 'chat' && isObject(member)) return chat(member);
        if (name === 'withOptions' && typeof member === 'function')
          return (...args: unknown[]) => wrap(Reflect.apply(member, client, args));
        return own(name);
      },
      set: (_, name, value) => Reflect.set(client, name, value),
    });
    wrapped.set(client, proxy);
    wrapped.set(proxy, proxy);
    return proxy;
  }

  return wrap;
}

/** A member of an object, a function bound to it: it may reach for private fields, which a proxy has not. */
function memberOf(object: object): (name: string | symbol) => unknown {
  const bound = cached((member: CallableFunction) => member.bind(object) as object);
  return (name) => {
    const member: unknown = Reflect.get(object, name);
    return typeof member === 'function' && name !== 'constructor' ? bound(member) : member;
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

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
