/** A copy for one caller: what they do to it, nobody else sees. */
export function copyOf<T>(value: T): T {
  const copy = structuredClone(value);
  if (typeof value !== 'object' || value === null) return copy;
  // The client adds the id of the request as a property that copies leave out.
  const id = Object.getOwnPropertyDescriptor(value, '_request_id');
  return id && !id.enumerable ? Object.defineProperty(copy, '_request_id', id) : copy;
}

/** What a JSON value takes up in memory, roughly, in bytes. */
export function bytesOf(value: unknown): number {
  return (JSON.stringify(value)?.length ?? 0) * 2;
}
