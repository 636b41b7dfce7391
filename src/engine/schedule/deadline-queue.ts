/**
 * Which worker is to be looked at next. A binary heap with lazy deletion: moving a deadline pushes a new entry, and
 * the old one is dropped when it comes to the top.
 */
export class DeadlineQueue<Key> {
  readonly #due = new Map<Key, number>();
  #heap: { key: Key; at: number }[] = [];

  /** Set or move a deadline. Infinity takes the key out. */
  set(key: Key, at: number): void {
    if (at === Number.POSITIVE_INFINITY) {
      this.#due.delete(key);
      return;
    }
    this.#due.set(key, at);
    this.#push({ key, at });
    if (this.#heap.length > 64 && this.#heap.length > this.#due.size * 4) this.#rebuild();
  }

  delete(key: Key): void {
    this.#due.delete(key);
  }

  /** When the next one is due; Infinity when none is. */
  next(): number {
    for (let top = this.#heap[0]; top; top = this.#heap[0]) {
      if (this.#due.get(top.key) === top.at) return top.at;
      this.#pop();
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Take the next one that is due at `now`, or undefined. */
  take(now: number): Key | undefined {
    if (this.next() > now) return undefined;
    const top = this.#pop();
    if (top) this.#due.delete(top.key);
    return top?.key;
  }

  clear(): void {
    this.#due.clear();
    this.#heap = [];
  }

  get size(): number {
    return this.#due.size;
  }

  #rebuild(): void {
    this.#heap = [];
    for (const [key, at] of this.#due) this.#push({ key, at });
  }

  #push(entry: { key: Key; at: number }): void {
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      const above = heap[up] as typeof entry;
      if (above.at <= entry.at) break;
      heap[i] = above;
      i = up;
    }
    heap[i] = entry;
  }

  #pop(): { key: Key; at: number } | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!last || !heap.length) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      const left = heap[child];
      if (!left) break;
      const right = heap[child + 1];
      if (right && right.at < left.at) child += 1;
      const least = heap[child] as typeof last;
      if (least.at >= last.at) break;
      heap[i] = least;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}
