import { readFileSync } from 'node:fs';
import { getOwn, isObject, type JsonObject, type JsonValue } from '../json/value.js';

let loaded: JsonObject | undefined;

/**
 * A sentence about a type (`core/v1.ConfigMap`), or about one of its fields; undefined where none was written.
 * `data/descriptions.json` is written by hand: type → field → sentence, the type itself under the empty name.
 */
export function descriptionOf(type: string, field = ''): string | undefined {
  loaded ??= load();
  const sentences = getOwn(loaded, type);
  const own = isObject(sentences) ? getOwn(sentences, field) : undefined;
  const found = own ?? EVERYWHERE[field];
  return typeof found === 'string' ? found : undefined;
}

/** Fields that mean the same wherever they stand. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  metadata: 'Standard metadata.',
  items: 'The objects of the list.',
  spec: 'The wanted state.',
  status: 'The state that was last observed; written by the system.',
  conditions: 'Named observations about the object, each true, false or unknown.',
};

function load(): JsonObject {
  const raw: JsonValue = JSON.parse(readFileSync(new URL('../../data/descriptions.json', import.meta.url), 'utf8'));
  if (!isObject(raw)) throw new Error('data/descriptions.json is damaged');
  return raw;
}
