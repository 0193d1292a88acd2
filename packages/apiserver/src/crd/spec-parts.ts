import { parseStoredJson } from '@kcp/apimachinery/json/parse';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { StorageError } from '@kcp/storage/errors';
import { elementsOf, memberAt, valueEnd } from '@kcp/storage/watch-cache/json-scan';

/** Where the `schema` of a version is among the bytes of a spec. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** The encoded spec of a definition, of which schemas are all but everything: they are parsed when they are wanted. */
export class SpecParts {
  /** The spec with empty schemas. */
  readonly rest: JsonObject;
  readonly #bytes: Buffer;
  /** By the place of the version. */
  readonly #schemas: readonly (Range | undefined)[];

  /** Throws StorageError `corrupt`. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#schemas = schemaRanges(bytes);
    this.rest = parsed(withoutSchemas(bytes, this.#schemas));
  }

  /** `schema` of the version at that place; undefined where it has none. A fresh parse. */
  schemaAt(place: number): JsonObject | undefined {
    const range = this.#schemas[place];
    return range === undefined ? undefined : parsed(this.#bytes.subarray(range.start, range.end));
  }
}

function schemaRanges(bytes: Buffer): (Range | undefined)[] {
  const versions = memberAt(bytes, 0, 'versions');
  if (versions < 0 || bytes[versions] !== OPEN_LIST) return [];
  return [...elementsOf(bytes, versions)].map((version) => {
    const start = bytes[version] === OPEN_OBJECT ? memberAt(bytes, version, 'schema') : -1;
    return start < 0 || bytes[start] !== OPEN_OBJECT ? undefined : { start, end: valueEnd(bytes, start) };
  });
}

const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const EMPTY = Buffer.from('{}');

function withoutSchemas(bytes: Buffer, schemas: readonly (Range | undefined)[]): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const range of schemas) {
    if (range === undefined) continue;
    parts.push(bytes.subarray(from, range.start), EMPTY);
    from = range.end;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}

function parsed(bytes: Buffer): JsonObject {
  const value = parseStoredJson(bytes.toString('utf8'));
  if (isObject(value)) return value;
  throw new StorageError('corrupt', 'a custom resource definition has no spec');
}
