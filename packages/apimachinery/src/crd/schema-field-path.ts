import { getOwn, isObject, type JsonObject } from '../json/value.js';
import { readObject } from '../schema/read.js';
import { childPath, keyPath } from '../validation/field-path.js';

/** Where a path in a schema leads, or what is wrong with it. */
export type SchemaFieldPath<S> =
  | { readonly kind: 'found'; readonly path: string; readonly root: string; readonly schema: S }
  | { readonly kind: 'wrong'; readonly why: string };

/** A step into a schema: its property, or as `isKey` what all members are that it does not name. */
export type Member<S> = (schema: S, name: string) => { readonly schema: S | undefined; readonly isKey: boolean };

const TOKEN = /\.|\[|\]|'(?:[^'\\]|\\.)*'|[^.[\]']+/gy;

/**
 * Follows `.spec.a` or `.spec['a.b']` through the properties of a schema. Used for `fieldPath` of rules and `jsonPath` of
 * selectable fields, which may not use brackets. Faults in upstream's words.
 */
export function schemaFieldPath(text: string, root: JsonObject, allowBrackets: boolean): SchemaFieldPath<JsonObject> {
  return followFieldPath(text, root, allowBrackets, memberOf);
}

/** The same through schemas of any form. */
export function followFieldPath<S>(
  text: string,
  root: S,
  allowBrackets: boolean,
  member: Member<S>,
): SchemaFieldPath<S> {
  const tokens = text.match(TOKEN) ?? [];
  if (tokens.join('') !== text) return wrong(`invalid string literal: ${text}`);
  let path = '';
  let first = '';
  let schema = root;
  for (let at = 0; at < tokens.length; ) {
    const step = nextName(tokens, at, allowBrackets);
    if (step.kind === 'wrong') return step;
    const next = member(schema, step.name);
    if (next.schema === undefined) return wrong('does not refer to a valid field');
    if (at === 0) first = step.name;
    path = next.isKey ? keyPath(path, step.name) : childPath(path, step.name);
    schema = next.schema;
    at = step.next;
  }
  return { kind: 'found', path, root: first, schema };
}

type Step = { readonly kind: 'name'; readonly name: string; readonly next: number };
type Wrong = { readonly kind: 'wrong'; readonly why: string };

function wrong(why: string): Wrong {
  return { kind: 'wrong', why };
}

function nextName(tokens: readonly string[], at: number, allowBrackets: boolean): Step | Wrong {
  const [token, name, end] = [tokens[at], tokens[at + 1], tokens[at + 2]];
  if (token === '.') {
    return name === undefined ? wrong('unexpected end of JSON path') : { kind: 'name', name, next: at + 2 };
  }
  if (token !== '[') return wrong(`expected [ or . but got: ${token ?? ''}`);
  if (!allowBrackets) return wrong('array notation is not allowed');
  if (name === undefined) return wrong('unexpected end of JSON path');
  if (name.length < 2 || !name.startsWith("'") || !name.endsWith("'")) {
    return wrong(`expected single quoted string but got ${name}`);
  }
  if (end === undefined) return wrong('unexpected end of JSON path');
  if (end !== ']') return wrong(`expected ] but got ${end}`);
  return { kind: 'name', name: name.slice(1, -1).replace(/\\(.)/g, '$1'), next: at + 3 };
}

function memberOf(schema: JsonObject, name: string): { schema: JsonObject | undefined; isKey: boolean } {
  const properties = readObject(schema, 'properties');
  if (properties === undefined) return { schema: readObject(schema, 'additionalProperties'), isKey: true };
  const found = getOwn(properties, name);
  return { schema: isObject(found) ? found : undefined, isKey: false };
}
