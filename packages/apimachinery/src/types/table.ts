import { readFileSync } from 'node:fs';
import { isObject, type JsonObject, type JsonValue } from '../json/value.js';

/**
 * The raw table of built-in types, `data/types.json`, made by `scripts/generate-types.mjs`. Layout:
 * `prefixes`: package → prefix of OpenAPI names, where it is not `io.k8s.api.` and the package with dots;
 * `kinds`: apiVersion → kind → package (or package and name where the name differs from the kind);
 * `strings`: package → names of named string types; `named`: other named types → what they stand for;
 * `types`: package → name → `{f: fields, m: map type, u: unions}`. A field is
 * `[json name, type, protobuf number or 0, flags, extras?]`; flags are `i` inline, `o` omitempty, `z` omitzero,
 * `r` required; a type is `*T` (pointer), `[]T`, `{}T` (map), a scalar, `package.Name` or `.Name` of its own package.
 */
export interface TypeTable {
  readonly prefixes: JsonObject;
  readonly kinds: JsonObject;
  readonly named: JsonObject;
  readonly types: JsonObject;
  /** Full names of named strings. */
  readonly strings: ReadonlySet<string>;
}

let loaded: TypeTable | undefined;

/** Reads the table on first use (about a millisecond) and keeps it. */
export function typeTable(): TypeTable {
  loaded ??= load();
  return loaded;
}

function load(): TypeTable {
  const raw: JsonValue = JSON.parse(readFileSync(new URL('../../data/types.json', import.meta.url), 'utf8'));
  const strings = new Set<string>();
  for (const [pkg, names] of Object.entries(section(raw, 'strings'))) {
    for (const name of list(names)) strings.add(`${pkg}.${text(name)}`);
  }
  return {
    prefixes: section(raw, 'prefixes'),
    kinds: section(raw, 'kinds'),
    named: section(raw, 'named'),
    types: section(raw, 'types'),
    strings,
  };
}

/** Member `name` of the table as an object; the table is ours, so anything else is a broken installation. */
export function section(from: JsonValue | undefined, name: string): JsonObject {
  const value = isObject(from) ? from[name] : undefined;
  if (!isObject(value)) throw damaged(name);
  return value;
}

export function list(value: JsonValue | undefined): readonly JsonValue[] {
  if (!Array.isArray(value)) throw damaged('list');
  return value;
}

export function text(value: JsonValue | undefined): string {
  if (typeof value !== 'string') throw damaged('text');
  return value;
}

export function damaged(what: string): Error {
  return new Error(`data/types.json is damaged: ${what}`);
}
