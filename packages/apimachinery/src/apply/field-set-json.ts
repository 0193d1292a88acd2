import { isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { canonicalSet, type FieldNode, type FieldSet, LEAF, SELF } from './field-set.js';
import { canonicalElement, compareElements } from './path-element.js';

/** How deeply a FieldsV1 may nest; a deeper one counts as invalid. */
export const MAX_FIELD_SET_DEPTH = 1_000;

/**
 * Reads the `fieldsV1` of an entry. A set that is canonical already is returned itself, so that an entry that does not
 * change keeps its encoding. Undefined when it is none: a key that is no path element, a value that is no object.
 */
export function parseFieldSet(fields: JsonObject): FieldSet | undefined {
  return isCanonical(fields, 0) ? fields : parseLoose(fields);
}

/** True for a set in the one spelling and order that sets have here, which is what this server has written itself. */
function isCanonical(fields: JsonObject, depth: number): fields is FieldNode {
  if (depth > MAX_FIELD_SET_DEPTH) return false;
  let previous = '';
  for (const text in fields) {
    const child = fields[text];
    if (!isObject(child) || !isCanonicalElement(text)) return false;
    if (previous !== '' && compareElements(previous, text) >= 0) return false;
    if (text === SELF ? !isEmpty(child) : !isCanonical(child, depth + 1)) return false;
    previous = text;
  }
  return previous !== SELF;
}

function isCanonicalElement(text: string): boolean {
  return text.startsWith('f:') || text === SELF || canonicalElement(text) === text;
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false;
  return true;
}

/** Any valid spelling. */
function parseLoose(fields: JsonObject): FieldSet | undefined {
  const node = parseNode(fields, 0);
  return node === undefined ? undefined : canonicalSet(node);
}

function parseNode(fields: JsonObject, depth: number): FieldSet | undefined {
  if (depth > MAX_FIELD_SET_DEPTH) return undefined;
  const node: FieldNode = {};
  for (const text in fields) {
    const element = text === SELF ? SELF : canonicalElement(text);
    if (element === undefined) return undefined;
    if (element === 'unknown') continue;
    const child = element === SELF ? LEAF : parseChild(fields[text], depth);
    if (child === undefined) return undefined;
    node[element] = child;
  }
  return node;
}

function parseChild(value: JsonValue | undefined, depth: number): FieldSet | undefined {
  if (!isObject(value)) return undefined;
  const child = parseNode(value, depth + 1);
  if (child === undefined) return undefined;
  const keys = Object.keys(child);
  return keys.length === 0 || (keys.length === 1 && keys[0] === SELF) ? LEAF : child;
}
