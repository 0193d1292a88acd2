import {
  childIndex,
  editable,
  type Inner,
  type Leaf,
  lowerBound,
  NODE_WIDTH,
  NODE_WIDTH_MIN,
  type Node,
  newInner,
  newLeaf,
  type Owner,
  sizeOf,
  widthOf,
} from './node.js';

/** What one change to a tree did: the new root, and the value that was there before. */
export interface Edit<V> {
  root: Node<V>;
  previous: V | undefined;
}

/** Puts a value; nodes that do not belong to `edit.root`'s `owner` are copied, so older views stay as they are. */
export function insert<V>(root: Node<V>, key: string, value: V, owner: Owner): Edit<V> {
  const edit: Edit<V> = { root: editable(root, owner), previous: undefined };
  insertBelow(edit.root, key, value, owner, edit);
  if (widthOf(edit.root) > NODE_WIDTH) {
    const right = splitOff(edit.root, owner);
    edit.root = newInner(owner, [firstKey(edit.root), firstKey(right)], [edit.root, right]);
  }
  return edit;
}

/** Removes a key that is there. */
export function remove<V>(root: Node<V>, key: string, owner: Owner): Edit<V> {
  const edit: Edit<V> = { root: editable(root, owner), previous: undefined };
  removeBelow(edit.root, key, owner, edit);
  while (!edit.root.leaf && edit.root.children.length === 1) edit.root = edit.root.children[0] as Node<V>;
  return edit;
}

function insertBelow<V>(node: Node<V>, key: string, value: V, owner: Owner, edit: Edit<V>): void {
  if (node.leaf) {
    insertInLeaf(node, key, value, edit);
    return;
  }
  const at = childIndex(node.keys, key);
  const child = editable(node.children[at] as Node<V>, owner);
  node.children[at] = child;
  if (key < (node.keys[at] as string)) node.keys[at] = key;
  const before = sizeOf(child);
  insertBelow(child, key, value, owner, edit);
  node.size += sizeOf(child) - before;
  if (widthOf(child) <= NODE_WIDTH) return;
  const right = splitOff(child, owner);
  node.keys.splice(at + 1, 0, firstKey(right));
  node.children.splice(at + 1, 0, right);
}

function insertInLeaf<V>(leaf: Leaf<V>, key: string, value: V, edit: Edit<V>): void {
  const at = lowerBound(leaf.keys, key);
  if (leaf.keys[at] === key) {
    edit.previous = leaf.values[at];
    leaf.values[at] = value;
    return;
  }
  leaf.keys.splice(at, 0, key);
  leaf.values.splice(at, 0, value);
}

/** Cuts the upper half off. Keys that arrive in order leave full nodes behind. */
function splitOff<V>(node: Node<V>, owner: Owner): Node<V> {
  const half = widthOf(node) >>> 1;
  const keys = node.keys.splice(half);
  if (node.leaf) return newLeaf(owner, keys, node.values.splice(half));
  const right = newInner(owner, keys, node.children.splice(half));
  node.size -= right.size;
  return right;
}

function firstKey<V>(node: Node<V>): string {
  return node.keys[0] as string;
}

function removeBelow<V>(node: Node<V>, key: string, owner: Owner, edit: Edit<V>): void {
  if (node.leaf) {
    removeFromLeaf(node, key, edit);
    return;
  }
  const at = childIndex(node.keys, key);
  const child = editable(node.children[at] as Node<V>, owner);
  node.children[at] = child;
  removeBelow(child, key, owner, edit);
  node.size--;
  if (widthOf(child) < NODE_WIDTH_MIN) join(node, at, owner);
}

function removeFromLeaf<V>(leaf: Leaf<V>, key: string, edit: Edit<V>): void {
  const at = lowerBound(leaf.keys, key);
  edit.previous = leaf.values[at];
  leaf.keys.splice(at, 1);
  leaf.values.splice(at, 1);
}

/** Drops an empty child, or joins a small one with a neighbour when both fit into one node. */
function join<V>(parent: Inner<V>, at: number, owner: Owner): void {
  if (widthOf(parent.children[at] as Node<V>) === 0 && parent.children.length > 1) {
    parent.keys.splice(at, 1);
    parent.children.splice(at, 1);
    return;
  }
  const left = at > 0 ? at - 1 : at;
  const from = parent.children[left + 1];
  const into = parent.children[left];
  if (into === undefined || from === undefined || widthOf(into) + widthOf(from) > NODE_WIDTH) return;
  parent.children[left] = append(editable(into, owner), from);
  parent.keys.splice(left + 1, 1);
  parent.children.splice(left + 1, 1);
}

function append<V>(into: Node<V>, from: Node<V>): Node<V> {
  into.keys.push(...from.keys);
  if (into.leaf && from.leaf) into.values.push(...from.values);
  if (!into.leaf && !from.leaf) {
    into.children.push(...from.children);
    into.size += from.size;
  }
  return into;
}
