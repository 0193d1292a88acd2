/** Most keys of a leaf, and most children of an inner node. */
export const NODE_WIDTH = 64;
/** A node that shrinks below this is joined with a neighbour if both fit into one. */
export const NODE_WIDTH_MIN = NODE_WIDTH / 4;

/** Who may change a node in place: the tree that made it, until it hands out a view. */
export type Owner = object;

export interface Leaf<V> {
  readonly leaf: true;
  readonly owner: Owner;
  readonly keys: string[];
  readonly values: V[];
}

/** `keys[i]` is no greater than the first key below `children[i]` and greater than every key below `children[i - 1]`. */
export interface Inner<V> {
  readonly leaf: false;
  readonly owner: Owner;
  readonly keys: string[];
  readonly children: Node<V>[];
  /** Number of values below. */
  size: number;
}

export type Node<V> = Leaf<V> | Inner<V>;

export function newLeaf<V>(owner: Owner, keys: string[] = [], values: V[] = []): Leaf<V> {
  return { leaf: true, owner, keys, values };
}

export function newInner<V>(owner: Owner, keys: string[], children: Node<V>[]): Inner<V> {
  let size = 0;
  for (const child of children) size += sizeOf(child);
  return { leaf: false, owner, keys, children, size };
}

export function sizeOf<V>(node: Node<V>): number {
  return node.leaf ? node.keys.length : node.size;
}

export function widthOf<V>(node: Node<V>): number {
  return node.keys.length;
}

/** Position of the first key that is not less than `key`. */
export function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Position of the child that holds `key`, if any does. */
export function childIndex(keys: readonly string[], key: string): number {
  const at = lowerBound(keys, key);
  if (at < keys.length && keys[at] === key) return at;
  return at === 0 ? 0 : at - 1;
}

/** The node itself when `owner` may change it, else a copy that it may change. */
export function editable<V>(node: Node<V>, owner: Owner): Node<V> {
  if (node.owner === owner) return node;
  if (node.leaf) return newLeaf(owner, node.keys.slice(), node.values.slice());
  return { leaf: false, owner, keys: node.keys.slice(), children: node.children.slice(), size: node.size };
}
