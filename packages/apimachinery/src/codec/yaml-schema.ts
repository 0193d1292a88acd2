import {
  boolYaml11Tag,
  defineMappingTag,
  defineScalarTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
} from 'js-yaml';
import { type JsonObject, type JsonValue, setOwn } from '../json/value.js';

/** Keys that stood twice in one mapping, by the object that was made of it. */
export type DuplicateKeys = Map<object, string[]>;

/**
 * YAML 1.1 as kubectl and the API server read it: `yes` and `on` are booleans, `0777` and `0o777` octal, numbers beyond
 * 2^53 stay exact, timestamps are strings, `1:30` is a string. Keys that stand twice are noted in `duplicates`.
 */
export function yamlSchema(duplicates: DuplicateKeys): Schema {
  return new Schema([strTag, seqTag, mapTag(duplicates), nullYaml11Tag, boolYaml11Tag, INT, FLOAT, mergeTag, BINARY]);
}

function mapTag(duplicates: DuplicateKeys) {
  const merged = new Map<object, Set<string>>();
  let merging = false;
  return defineMappingTag<JsonObject>('tag:yaml.org,2002:map', {
    create: () => ({}),
    addPair(target, key, value) {
      const name = keyText(key);
      if (name === undefined) return 'mapping keys must be scalars';
      if (merging) noteMerged(merged, target, name);
      else if (!merged.get(target)?.delete(name) && Object.hasOwn(target, name)) note(duplicates, target, name);
      merging = false;
      setOwn(target, name, asJson(value));
      return '';
    },
    has: (target, key) => Object.hasOwn(target, keyText(key) ?? ''),
    keys: (target) => Object.keys(target),
    get(target, key) {
      merging = true;
      return target[keyText(key) ?? ''];
    },
    identify: () => false,
  });
}

function noteMerged(merged: Map<object, Set<string>>, target: object, name: string): void {
  const names = merged.get(target) ?? new Set();
  merged.set(target, names.add(name));
}

function note(duplicates: DuplicateKeys, target: object, name: string): void {
  duplicates.set(target, [...(duplicates.get(target) ?? []), name]);
}

/** The JSON name of a YAML key; undefined for null, lists and mappings. */
function keyText(key: unknown): string | undefined {
  if (typeof key === 'string') return key;
  return typeof key === 'number' || typeof key === 'boolean' || typeof key === 'bigint' ? String(key) : undefined;
}

/** Narrows what the tags below and above have made: nothing but JSON. An empty document is null. */
export function asJson(value: unknown): JsonValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (Array.isArray(value) || isMapping(value)) return value;
  throw new TypeError(`a YAML tag made a ${typeof value}`);
}

/** Mappings are made by `mapTag`, whose members are JSON. */
function isMapping(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

const INTEGER = /^[-+]?(?:0x[0-9a-f]+|0o?[0-7]+|0b[01]+|0|[1-9][0-9]*)$/i;
const DECIMAL = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?$/i;
const FIRST = ['-', '+', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

const INT = defineScalarTag<number | bigint>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: FIRST,
  resolve: (source) => parseInteger(source.replaceAll('_', '')) ?? NOT_RESOLVED,
  identify: () => false,
});

function parseInteger(text: string): number | bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const digits = text.replace(/^[-+]/, '').replace(/^0(?=[0-7])/, '0o');
  const size = BigInt(digits);
  const value = text.startsWith('-') ? -size : size;
  if (value < MIN_INT64 || value > MAX_UINT64) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const FLOAT = defineScalarTag<number>('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: FIRST,
  resolve(source) {
    const text = source.replaceAll('_', '');
    const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
    return Number.isFinite(value) ? value : NOT_RESOLVED;
  },
  identify: () => false,
});

/** `!!binary`: the bytes as text. */
const BINARY = defineScalarTag<string>('tag:yaml.org,2002:binary', {
  resolve: (source) => Buffer.from(source, 'base64').toString('utf8'),
  identify: () => false,
});
