import { getOwn, isNumber, isObject, type JsonArray, type JsonValue } from '../json/value.js';
import { type FilterNode, JsonPathError, PATH_MAX_DESCENT, PATH_MAX_RESULTS, type PathNode } from './nodes.js';

/** All values that the steps lead to from `root`, in order; what is missing yields nothing. Throws JsonPathError. */
export function evaluate(nodes: readonly PathNode[], root: JsonValue): JsonValue[] {
  let values: JsonValue[] = [root];
  for (const node of nodes) {
    values = step(node, values);
    if (values.length > PATH_MAX_RESULTS) throw new JsonPathError(`path yields more than ${PATH_MAX_RESULTS} values`);
  }
  return values;
}

function step(node: PathNode, values: readonly JsonValue[]): JsonValue[] {
  switch (node.kind) {
    case 'field':
      return values.flatMap((value) => member(value, node.name));
    case 'wildcard':
      return values.flatMap(children);
    case 'recursive':
      return descend(values);
    case 'index':
      return values.flatMap((value) => element(value, node.index));
    case 'slice':
      return values.flatMap((value) => slice(value, node.from, node.to, node.step));
    case 'union':
      return node.branches.flatMap((branch) => values.flatMap((value) => evaluate(branch, value)));
    case 'literal':
      return values.length === 0 ? [] : [node.value];
    case 'filter':
      return values.flatMap((value) => filtered(node, value));
  }
}

function member(value: JsonValue, name: string): JsonValue[] {
  const found = isObject(value) ? getOwn(value, name) : undefined;
  return found === undefined ? [] : [found];
}

/** Members and elements; members in the order of their names, so that answers do not depend on the input's order. */
function children(value: JsonValue): JsonValue[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return [];
  return Object.keys(value)
    .sort()
    .flatMap((key) => member(value, key));
}

/** Every object and list at any depth, parents before their children. */
function descend(values: readonly JsonValue[]): JsonValue[] {
  const found: JsonValue[] = [];
  const visit = (value: JsonValue, depth: number): void => {
    const inner = children(value);
    if (inner.length === 0) return;
    if (depth > PATH_MAX_DESCENT) throw new JsonPathError(`value is nested deeper than ${PATH_MAX_DESCENT} levels`);
    found.push(value);
    if (found.length > PATH_MAX_RESULTS) throw new JsonPathError(`path yields more than ${PATH_MAX_RESULTS} values`);
    for (const child of inner) visit(child, depth + 1);
  };
  for (const value of values) visit(value, 0);
  return found;
}

function list(value: JsonValue): JsonArray | undefined {
  if (value === null) return undefined;
  if (!Array.isArray(value)) throw new JsonPathError('value is not array or slice');
  return value;
}

function element(value: JsonValue, index: number): JsonValue[] {
  const items = list(value);
  if (items === undefined) return [];
  const at = index < 0 ? index + items.length : index;
  const found = items[at];
  if (found === undefined) throw outOfBounds(at, items.length);
  return [found];
}

function slice(value: JsonValue, from: number, to: number | undefined, stepBy: number): JsonValue[] {
  const items = list(value);
  if (items === undefined) return [];
  const start = from < 0 ? from + items.length : from;
  const end = to === undefined ? items.length : to < 0 ? to + items.length : to;
  if (start === end) return [];
  if (start < 0 || start >= items.length) throw outOfBounds(start, items.length);
  if (end < 0 || end > items.length) throw outOfBounds(end - 1, items.length);
  if (start > end) throw new JsonPathError(`starting index ${start} is greater than ending index ${end}`);
  if (stepBy <= 0) throw new JsonPathError('step must be > 0');
  return items.slice(start, end).filter((_, index) => index % stepBy === 0);
}

function outOfBounds(index: number, length: number): JsonPathError {
  return new JsonPathError(`array index out of bounds: index ${index}, length ${length}`);
}

function filtered(node: FilterNode, value: JsonValue): JsonValue[] {
  if (!Array.isArray(value)) throw new JsonPathError('value is not array or slice and cannot be filtered');
  return value.filter((item) => passes(node, item));
}

function passes(node: FilterNode, item: JsonValue): boolean {
  if (node.operator === 'exists') return evaluate(node.left, item).length > 0;
  const [left, ...moreLeft] = evaluate(node.left, item);
  if (left === undefined) return false;
  const [right, ...moreRight] = evaluate(node.right, item);
  if (right === undefined) return false;
  if (moreLeft.length + moreRight.length > 0) throw new JsonPathError('can only compare one element at a time');
  return compares(left, node.operator, right);
}

function compares(left: JsonValue, operator: FilterNode['operator'], right: JsonValue): boolean {
  const order = compare(left, right);
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** Compares two values of the same basic kind; others cannot be compared. */
function compare(left: JsonValue, right: JsonValue): number {
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  if (isNumber(left) && isNumber(right)) return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  throw new JsonPathError('incompatible types for comparison');
}
