import { compareNames, compareSteps, elementText, type PathElement, readStep, type Step } from './path-element.js';

/**
 * A set of paths, in the very form of FieldsV1: a trie whose keys are path elements. A node is itself in the set when
 * it is empty or has the key `.`; the root is never in it. Sets are immutable and share nodes.
 */
export interface FieldSet {
  readonly [element: PathElement]: FieldSet;
}

/** While a node is being made. */
export interface FieldNode {
  [element: PathElement]: FieldSet;
}

/** The key under which a node with children says that it is in the set itself. */
export const SELF = '.';

/** The node of a path that is in the set while nothing below it is. Shared by all sets. */
export const LEAF: FieldSet = Object.freeze({});

export const EMPTY_SET: FieldSet = LEAF;

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

function isMember(node: FieldSet): boolean {
  return node[SELF] !== undefined || isEmptySet(node);
}

/** What is in `a` or in `b`, in canonical order. */
export function unionSets(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b;
  if (isEmptySet(b)) return a;
  return unionNodes(a, b, false);
}

function unionNodes(a: FieldSet, b: FieldSet, isSelf: boolean): FieldSet {
  const node: FieldNode = isSelf ? { [SELF]: LEAF } : {};
  for (const element in a) {
    if (element !== SELF) node[element] = a[element] ?? LEAF;
  }
  for (const element in b) {
    const theirs = b[element];
    if (element === SELF || theirs === undefined) continue;
    const ours = node[element];
    node[element] = ours === undefined ? theirs : unionChild(ours, theirs);
  }
  return inOrder(node);
}

function unionChild(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) && isEmptySet(b)) return LEAF;
  return unionNodes(a, b, isMember(a) || isMember(b));
}

/** What is in `a` and not in `b`, path by path: a path stays when only something below or above it is in `b`. */
export function subtractSet(a: FieldSet, b: FieldSet): FieldSet {
  return subtractNode(a, b, false) ?? EMPTY_SET;
}

function subtractNode(a: FieldSet, b: FieldSet, isSelf: boolean): FieldSet | undefined {
  let node: FieldNode | undefined;
  let changed = isSelf !== (a[SELF] !== undefined);
  for (const element in a) {
    const ours = a[element];
    if (element === SELF || ours === undefined) continue;
    const theirs = b[element];
    const left = theirs === undefined ? ours : subtractNode(ours, theirs, isMember(ours) && !isMember(theirs));
    if (left !== ours) changed = true;
    if (left !== undefined) {
      node ??= isSelf ? { [SELF]: LEAF } : {};
      node[element] = left;
    }
  }
  if (node === undefined) return isSelf ? (isEmptySet(a) ? a : LEAF) : undefined;
  return changed ? node : a;
}

/** What is in `a` and neither in `b` nor below something in `b`. */
export function subtractTrees(a: FieldSet, b: FieldSet): FieldSet {
  const node: FieldNode = {};
  for (const element in a) {
    const ours = a[element];
    const theirs = b[element];
    if (ours === undefined) continue;
    if (theirs === undefined || element === SELF) {
      node[element] = ours;
    } else if (!isMember(theirs)) {
      const left = isEmptySet(ours) ? ours : subtractTrees(ours, theirs);
      if (isEmptySet(ours) || !isEmptySet(left)) node[element] = left;
    }
  }
  return node;
}

/** What is in both. */
export function intersectSets(a: FieldSet, b: FieldSet): FieldSet {
  return intersectNodes(a, b, false) ?? EMPTY_SET;
}

function intersectNodes(a: FieldSet, b: FieldSet, isSelf: boolean): FieldSet | undefined {
  let node: FieldNode | undefined;
  for (const element in a) {
    const ours = a[element];
    const theirs = b[element];
    if (element === SELF || ours === undefined || theirs === undefined) continue;
    const both = intersectNodes(ours, theirs, isMember(ours) && isMember(theirs));
    if (both === undefined) continue;
    node ??= isSelf ? { [SELF]: LEAF } : {};
    node[element] = both;
  }
  return node ?? (isSelf ? LEAF : undefined);
}

/** Whether the path is itself in the set. */
export function hasPath(set: FieldSet, path: readonly PathElement[]): boolean {
  let node = set;
  for (const element of path) {
    const child = node[element];
    if (child === undefined) return false;
    node = child;
  }
  return path.length > 0 && isMember(node);
}

/** Whether the step from this node is itself in the set. */
export function hasElement(set: FieldSet, element: PathElement): boolean {
  const child = set[element];
  return child !== undefined && isMember(child);
}

/** The node below a step when there is something in it beyond the step itself. */
export function below(set: FieldSet, element: PathElement): FieldSet | undefined {
  const child = set[element];
  if (child === undefined) return undefined;
  for (const key in child) if (key !== SELF) return child;
  return undefined;
}

/** All paths, in upstream's order: those of one level first, then what is below each. */
export function pathsOf(set: FieldSet): PathElement[][] {
  const paths: PathElement[][] = [];
  collectPaths(set, [], paths);
  return paths;
}

function collectPaths(set: FieldSet, prefix: readonly PathElement[], paths: PathElement[][]): void {
  const elements = Object.keys(inOrder(set)).filter((element) => element !== SELF);
  for (const element of elements) if (hasElement(set, element)) paths.push([...prefix, element]);
  for (const element of elements) {
    const child = below(set, element);
    if (child !== undefined) collectPaths(child, [...prefix, element], paths);
  }
}

/** A path as error texts show it: `.spec.ports[port=80,protocol="TCP"].name`. */
export function pathText(path: readonly PathElement[]): string {
  return path.map(elementText).join('');
}

/** The node with its keys in canonical order; itself when they are. Large ones are looked through once. */
export function inOrder(node: FieldSet): FieldSet {
  let previous = '';
  let step: Step | undefined;
  let count = 0;
  for (const element in node) {
    if (++count === LARGE_NODE_MIN && ordered.has(node)) return node;
    if (previous !== '') {
      // Names, which most keys are, need not be read.
      const isName = previous.charCodeAt(0) === NAME && element.charCodeAt(0) === NAME;
      const before = step;
      step = isName ? undefined : readStep(element);
      const order =
        step === undefined ? compareNames(previous, element) : compareSteps(before ?? readStep(previous), step);
      if (order > 0) return sorted(node);
    }
    previous = element;
  }
  if (count >= LARGE_NODE_MIN) ordered.add(node);
  return node;
}

/** The letter with which names begin. */
const NAME = 0x66;
const LARGE_NODE_MIN = 64;
const ordered = new WeakSet<FieldSet>();

function sorted(node: FieldSet): FieldSet {
  const result: FieldNode = {};
  const steps = Object.keys(node).map(readStep).sort(compareSteps);
  for (const { element } of steps) result[element] = node[element] ?? LEAF;
  if (steps.length >= LARGE_NODE_MIN) ordered.add(result);
  return result;
}

/** The set with all its nodes in canonical order. */
export function canonicalSet(set: FieldSet): FieldSet {
  let node: FieldNode | undefined;
  for (const element in set) {
    const child = set[element];
    if (child === undefined || child === LEAF) continue;
    const canonical = canonicalSet(child);
    if (canonical !== child) {
      node ??= { ...set };
      node[element] = canonical;
    }
  }
  return inOrder(node ?? set);
}
