import { insert, remove } from './edit.js';
import { childIndex, lowerBound, NODE_WIDTH, type Node, newInner, newLeaf, type Owner, sizeOf } from './node.js';

/** An ordered map from strings to values as it was at one moment; it never changes. */
export class TreeView<V> {
  readonly root: Node<V>;

  constructor(root: Node<V>) {
    this.root = root;
  }

  get size(): number {
    return sizeOf(this.root);
  }

  get(key: string): V | undefined {
    return find(this.root, key);
  }

  /** Number of keys less than `key`. */
  rank(key: string): number {
    return rank(this.root, key);
  }

  /** Values of at most `limit` keys in `[start, end)`, in order. */
  range(start: string, end: string, limit: number): V[] {
    const out: V[] = [];
    collect(this.root, start, end, limit, out);
    return out;
  }
}

/**
 * An ordered map as a copy-on-write B+tree with counts: get, set, delete and rank in O(log n), and `view()` in O(1).
 * Nodes are changed in place until a view is taken; after that the path of a change is copied.
 */
export class SortedTree<V> {
  #owner: Owner;
  #root: Node<V>;
  #view: TreeView<V> | undefined;

  constructor(from?: TreeView<V>) {
    this.#owner = {};
    this.#root = from === undefined ? newLeaf(this.#owner) : from.root;
  }

  /** Builds a tree from keys in ascending order in O(n). `keys[i]` belongs to `values[i]`. */
  static fromSorted<V>(keys: readonly string[], values: readonly V[]): SortedTree<V> {
    const tree = new SortedTree<V>();
    if (keys.length > 0) tree.#root = build(keys, values, tree.#owner);
    return tree;
  }

  get size(): number {
    return sizeOf(this.#root);
  }

  get(key: string): V | undefined {
    return find(this.#root, key);
  }

  /** Returns what was there before. */
  set(key: string, value: V): V | undefined {
    const edit = insert(this.#root, key, value, this.#owner);
    this.#root = edit.root;
    this.#view = undefined;
    return edit.previous;
  }

  /** Returns what was there. */
  delete(key: string): V | undefined {
    if (find(this.#root, key) === undefined) return undefined;
    const edit = remove(this.#root, key, this.#owner);
    this.#root = edit.root;
    this.#view = undefined;
    return edit.previous;
  }

  rank(key: string): number {
    return rank(this.#root, key);
  }

  range(start: string, end: string, limit: number): V[] {
    const out: V[] = [];
    collect(this.#root, start, end, limit, out);
    return out;
  }

  /** The present state, which later changes do not touch. */
  view(): TreeView<V> {
    if (this.#view === undefined) {
      this.#view = new TreeView(this.#root);
      this.#owner = {};
    }
    return this.#view;
  }
}

function build<V>(keys: readonly string[], values: readonly V[], owner: Owner): Node<V> {
  let level: Node<V>[] = [];
  for (let at = 0; at < keys.length; at += NODE_WIDTH) {
    level.push(newLeaf(owner, keys.slice(at, at + NODE_WIDTH), values.slice(at, at + NODE_WIDTH)));
  }
  while (level.length > 1) {
    const above: Node<V>[] = [];
    for (let at = 0; at < level.length; at += NODE_WIDTH) {
      const children = level.slice(at, at + NODE_WIDTH);
      const firsts = children.map((child) => child.keys[0] as string);
      above.push(newInner(owner, firsts, children));
    }
    level = above;
  }
  return level[0] as Node<V>;
}

function find<V>(root: Node<V>, key: string): V | undefined {
  let node = root;
  while (!node.leaf) node = node.children[childIndex(node.keys, key)] as Node<V>;
  const at = lowerBound(node.keys, key);
  return node.keys[at] === key ? node.values[at] : undefined;
}

function rank<V>(root: Node<V>, key: string): number {
  let node = root;
  let before = 0;
  while (!node.leaf) {
    const at = childIndex(node.keys, key);
    for (let i = 0; i < at; i++) before += sizeOf(node.children[i] as Node<V>);
    node = node.children[at] as Node<V>;
  }
  return before + lowerBound(node.keys, key);
}

function collect<V>(node: Node<V>, start: string, end: string, limit: number, out: V[]): void {
  if (node.leaf) {
    for (let i = lowerBound(node.keys, start); i < node.keys.length; i++) {
      if (out.length >= limit || (node.keys[i] as string) >= end) return;
      out.push(node.values[i] as V);
    }
    return;
  }
  for (let i = childIndex(node.keys, start); i < node.children.length; i++) {
    if (out.length >= limit || (i > 0 && (node.keys[i] as string) >= end)) return;
    collect(node.children[i] as Node<V>, start, end, limit, out);
  }
}
