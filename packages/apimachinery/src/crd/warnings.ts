import { goQuote } from '../errors/go-quote.js';
import type { JsonObject } from '../json/value.js';
import { checkedFormat } from '../schema/formats.js';
import { readObject, readString } from '../schema/read.js';
import type { Work } from '../turns/work.js';
import { hoist, schemasOf } from './hoist.js';
import { schemaHas } from './schema-walk.js';

/** Warnings about a definition: formats that nothing checks. An update warns of new ones only. */
export function* definitionWarnings(crd: JsonObject, old?: JsonObject): Work<string[]> {
  const known = new Set(old === undefined ? [] : yield* unrecognizedFormats(old));
  return (yield* unrecognizedFormats(crd))
    .filter((format) => !known.has(format))
    .map((format) => `unrecognized format ${goQuote(format)}`);
}

function* unrecognizedFormats(crd: JsonObject): Work<string[]> {
  const formats: string[] = [];
  for (const schema of schemasOf(hoist(readObject(crd, 'spec') ?? {}))) {
    yield* schemaHas(schema, (inner) => {
      const [type, format] = [readString(inner, 'type'), readString(inner, 'format')];
      if (format !== '' && checkedFormat(type === '' ? [] : [type], format) === '') formats.push(format);
      return false;
    });
  }
  return formats;
}
