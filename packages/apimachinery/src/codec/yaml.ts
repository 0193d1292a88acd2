import { loadAll, YAMLException } from 'js-yaml';
import { JSON_DEPTH_MAX } from '../json/parse.js';
import type { ParsedJson } from '../json/syntax-error.js';
import { deepClone, type JsonValue } from '../json/value.js';
import { keysSetTwice } from './yaml-keys.js';
import { asJson, type DuplicateKeys, yamlSchema } from './yaml-schema.js';

/** As much text is parsed; the limit of a request body. */
const MAX_YAML_LENGTH = 3 * 1024 * 1024;
/** Uses of `*alias` in one document. */
const MAX_ALIASES = 10_000;
/** Values that a document may have once its aliases are written out. */
const MAX_EXPANDED_VALUES = 400_000;

/** A text that is no YAML, or breaks a limit. */
export class YamlError extends Error {
  readonly why: string;

  constructor(why: string) {
    super(`error converting YAML to JSON: yaml: ${why}`);
    this.why = why;
  }
}

/**
 * Parses the first document of a YAML text (JSON is YAML too) into JSON. Aliases are written out, keys become
 * strings. Keys that stand twice are listed, the last one counts. Throws YamlError.
 */
export function parseYaml(text: string): ParsedJson {
  if (text.length > MAX_YAML_LENGTH) throw new YamlError(`document is longer than ${MAX_YAML_LENGTH} characters`);
  const duplicateKeys: DuplicateKeys = new Map();
  const value = load(text, duplicateKeys);
  if (duplicateKeys.size === 0) return { value, duplicates: [] };
  const duplicates: string[] = [];
  collectDuplicates(value, '', duplicateKeys, duplicates);
  return { value, duplicates, setTwice: keysSetTwice(text) };
}

function load(text: string, duplicates: DuplicateKeys): JsonValue {
  const schema = yamlSchema(duplicates);
  let documents: unknown[];
  try {
    documents = loadAll(text, { schema, json: true, maxDepth: JSON_DEPTH_MAX, maxAliases: MAX_ALIASES });
  } catch (error) {
    if (error instanceof YAMLException) throw new YamlError(reason(error));
    throw error;
  }
  const value = asJson(documents[0]);
  if (!text.includes('*')) return value;
  if (countValues(value, new Map()) > MAX_EXPANDED_VALUES) {
    throw new YamlError('document contains excessive aliasing');
  }
  return duplicates.size > 0 ? value : deepClone(value);
}

function reason(error: YAMLException): string {
  const line = error.mark === undefined ? '' : `line ${error.mark.line + 1}: `;
  return `${line}${error.reason}`;
}

/** The number of values with every alias written out; each shared value is counted once and remembered. */
function countValues(value: JsonValue | undefined, known: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  let count = 1;
  for (const member of Object.values(value)) count += countValues(member, known);
  known.set(value, count);
  return count;
}

function collectDuplicates(value: JsonValue, path: string, keys: DuplicateKeys, into: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) collectDuplicates(item, `${path}[${i}]`, keys, into);
    return;
  }
  const prefix = path === '' ? '' : `${path}.`;
  for (const key of keys.get(value) ?? []) into.push(`${prefix}${key}`);
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) collectDuplicates(member, `${prefix}${key}`, keys, into);
  }
}
