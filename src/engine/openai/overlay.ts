/**
 * An object that is the given one, but for what `replace` makes of its members. Its functions are bound to it: they may
 * reach for private fields, which a proxy has not.
 */
export function overlay<T extends object>(object: T, replace: (name: string | symbol, own: unknown) => unknown): T {
  const bound = new WeakMap<CallableFunction, unknown>();

  function own(name: string | symbol): unknown {
    const member: unknown = Reflect.get(object, name);
    if (typeof member !== 'function' || name === 'constructor') return member;
    const before = bound.get(member) ?? member.bind(object);
    bound.set(member, before);
    return before;
  }

  return new Proxy(object, {
    get: (_, name) => replace(name, own(name)),
    set: (_, name, value) => Reflect.set(object, name, value),
  });
}
