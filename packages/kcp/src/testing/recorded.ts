import { readFileSync } from 'node:fs';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { readObject } from '@kcp/apimachinery/schema/read';

const FOLDER = new URL('../../../../conformance/golden/recorded/', import.meta.url);

/** The body of a step that a real API server answered; file as `08-namespaces`. Throws where there is none. */
export function recordedBody(file: string, step: string): JsonObject {
  const all = parseJson(readFileSync(new URL(`${file}.json`, FOLDER), 'utf8')).value;
  const body = isObject(all) ? readObject(readObject(all, step) ?? {}, 'body') : undefined;
  if (body === undefined) throw new Error(`nothing was recorded as ${step} in ${file}`);
  return body;
}

/** A value with every time in it replaced, as the recordings have it. */
export function withoutTimes(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => withoutTimes(item) ?? null);
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutTimes(member)]));
  }
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? '<time>' : value;
}
