import { getOwn, isObject, type JsonObject } from '../json/value.js';
import { readObject } from '../schema/read.js';

/** Where a path in a schema leads, or what is wrong with it. */
export type SchemaFieldPath =
  | { readonly kind: 'found'; readonly path: string; readonly root: string; readonly schema: JsonObject }
  | { readonly kind: 'wrong'; readonly why: string };

const TOKEN = /\.|\[|\]|'(?:[^'\\]|\\.)*'|[^.[\]']+/gy;

/**
 * Follows `.spec.a` or `.spec['a.b']` through the properties of a schema. Used for `fieldPath` of rules and `jsonPath` of
 * selectable fields, which may not use brackets. Faults in upstream's words.
 */
export function schemaFieldPath(text: string, root: JsonObject, allowBrackets: boolean): SchemaFieldPath {
  const tokens = text.match(TOKEN) ?? [];
  if (tokens.join('') !== text) return wrong(`invalid string literal: ${text}`);
  const names: string[] = [];
  let schema = root;
  for (let at = 0; at < tokens.length; ) {
    const step = nextName(tokens, at, allowBrackets);
    if (step.kind === 'wrong') return step;
    const next = memberOf(schema, step.name);
    if (next === undefined) return wrong('does not refer to a valid field');
    names.push(step.name);
    schema = next;
    at = step.next;
  }
  return { kind: 'found', path: names.join('.'), root: names[0] ?? '', schema };
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

function memberOf(schema: JsonObject, name: string): JsonObject | undefined {
  const properties = readObject(schema, 'properties');
  if (properties !== undefined) {
    const found = getOwn(properties, name);
    return isObject(found) ? found : undefined;
  }
  return readObject(schema, 'additionalProperties');
}
