import { goQuote } from '../errors/go-quote.js';
import type { JsonObject } from '../json/value.js';
import { checkedFormat } from '../schema/formats.js';
import { readString } from '../schema/read.js';
import type { Work } from '../turns/work.js';
import { hoist, schemasOf } from './hoist.js';
import { surveyOf } from './schema-survey.js';
import { schemaHas } from './schema-walk.js';

/** Warnings about the spec of a definition: formats that nothing checks. An update warns of new ones only. */
export function* definitionWarnings(spec: JsonObject, old?: JsonObject): Work<string[]> {
  const known = new Set(old === undefined ? [] : yield* unrecognizedFormats(old));
  return (yield* unrecognizedFormats(spec))
    .filter((format) => !known.has(format))
    .map((format) => `unrecognized format ${goQuote(format)}`);
}

function* unrecognizedFormats(spec: JsonObject): Work<string[]> {
  const formats: string[] = [];
  for (const schema of schemasOf(hoist(spec))) {
    const { toJudge } = yield* surveyOf(schema);
    yield* schemaHas(schema, (inner) => {
      if (!toJudge.has(inner)) return 'skip';
      const [type, format] = [readString(inner, 'type'), readString(inner, 'format')];
      if (format !== '' && checkedFormat(type === '' ? [] : [type], format) === '') formats.push(format);
      return false;
    });
  }
  return formats;
}
