/** Things that become due, earliest first: a binary heap. */
export class DelayHeap<T extends { readonly at: number }> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let hole = items.length;
    items.push(item);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = items[parent];
      if (above === undefined || above.at <= item.at) break;
      items[hole] = above;
      hole = parent;
    }
    items[hole] = item;
  }

  /** Forgets everything and takes these instead. */
  replace(items: Iterable<T>): void {
    this.#items.length = 0;
    for (const item of items) this.push(item);
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first !== undefined && last !== undefined && items.length > 0) this.#sink(last);
    return first;
  }

  #sink(item: T): void {
    const items = this.#items;
    let hole = 0;
    for (;;) {
      const left = 2 * hole + 1;
      const right = left + 1;
      const [l, r] = [items[left], items[right]];
      const child = r !== undefined && l !== undefined && r.at < l.at ? right : left;
      const below = items[child];
      if (below === undefined || below.at >= item.at) break;
      items[hole] = below;
      hole = child;
    }
    items[hole] = item;
  }
}
