import { goPrint } from '../errors/go-print.js';
import { stringify } from '../json/stringify.js';
import { isNumber, isObject, type JsonArray, type JsonObject, type JsonValue } from '../json/value.js';
import type { ListMergeType, MapMergeType, MergeType, ScalarMergeType } from '../merge-type/merge-type.js';
import { atOnce, isRestDue, type Work } from '../turns/work.js';
import { elementText, fieldElement, itemElement, type PathElement, UntypedValueError } from './path-element.js';

/** How deeply an applied object may nest. */
export const MAX_APPLIED_DEPTH = 1_000;

/** Faults of an applied object against its type, each `.path: text`, in upstream's words. */
export function checkApplied(type: MergeType, object: JsonObject): readonly string[] {
  return atOnce(checkingApplied(type, object));
}

/** The same as work that may be put aside. */
export function* checkingApplied(type: MergeType, object: JsonObject): Work<readonly string[]> {
  const faults: string[] = [];
  yield* checkValue(type, object, '', 0, faults);
  return faults;
}

/** All faults in one text, as upstream prints them. */
export function faultsText(faults: readonly string[]): string {
  const [only] = faults;
  return faults.length === 1 && only !== undefined
    ? only
    : ['errors:', ...faults.map((text) => `  ${text}`)].join('\n');
}

function* checkValue(type: MergeType, value: JsonValue, path: string, depth: number, faults: string[]): Work<void> {
  if (value === null) return;
  if (depth > MAX_APPLIED_DEPTH) {
    faults.push(fault(path, `nested deeper than ${MAX_APPLIED_DEPTH} levels`));
    return;
  }
  if (type.kind === 'map') yield* checkMap(type, value, path, depth, faults);
  else if (type.kind === 'list') yield* checkList(type, value, path, depth, faults);
  else if (type.kind === 'scalar') checkScalar(type, value, path, faults);
}

function fault(path: string, text: string): string {
  return path === '' ? text : `${path}: ${text}`;
}

function* checkMap(type: MapMergeType, value: JsonValue, path: string, depth: number, faults: string[]): Work<void> {
  if (!isObject(value)) {
    faults.push(fault(path, `expected map, got &{${goPrint(value)}}`));
    return;
  }
  for (const name in value) {
    const member = value[name];
    if (member === undefined) continue;
    const inner = type.field(name) ?? type.element;
    const at = path + elementText(fieldElement(name));
    if (inner === undefined) faults.push(fault(at, 'field not declared in schema'));
    else if (inner.kind === 'scalar' && depth < MAX_APPLIED_DEPTH) checkScalar(inner, member, at, faults);
    else yield* checkValue(inner, member, at, depth + 1, faults);
    if (isRestDue()) yield;
  }
}

function* checkList(type: ListMergeType, value: JsonValue, path: string, depth: number, faults: string[]): Work<void> {
  if (!Array.isArray(value)) {
    faults.push(fault(path, `expected list, got &{${goPrint(value)}}`));
    return;
  }
  const elements = type.relationship === 'atomic' ? value.map((_, i) => `i:${i}`) : keysOf(type, value, path, faults);
  for (const [i, element] of (elements ?? []).entries()) {
    yield* checkValue(type.element, value[i] ?? null, path + elementText(element), depth + 1, faults);
    if (isRestDue()) yield;
  }
}

/** The path elements of the items; undefined, with a fault, when one has none. */
function keysOf(
  type: ListMergeType,
  items: JsonArray,
  path: string,
  faults: string[],
): readonly PathElement[] | undefined {
  const elements = new Set<PathElement>();
  const all: PathElement[] = [];
  for (const [i, item] of items.entries()) {
    try {
      const element = itemElement(type, item);
      if (elements.has(element)) faults.push(fault(path, `duplicate entries for key ${elementText(element)}`));
      elements.add(element);
      all.push(element);
    } catch (error) {
      if (!(error instanceof UntypedValueError)) throw error;
      faults.push(fault(path, `element ${i}: ${error.message}`));
      return undefined;
    }
  }
  return all;
}

function checkScalar({ scalar }: ScalarMergeType, value: JsonValue, path: string, faults: string[]): void {
  if (value === null) return;
  if (scalar === 'numeric' && !isNumber(value)) {
    faults.push(fault(path, `expected numeric (int or float), got ${goType(value)}`));
  } else if (scalar === 'string' && typeof value !== 'string') {
    faults.push(fault(path, `expected string, got &value.valueUnstructured{Value:${unexpected(value)}}`));
  } else if (scalar === 'boolean' && typeof value !== 'boolean') {
    faults.push(fault(path, `expected boolean, got &{${unexpected(value)}}`));
  }
}

function goType(value: JsonValue): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

function unexpected(value: JsonValue): string {
  return stringify(value);
}
