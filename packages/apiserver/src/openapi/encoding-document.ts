import { createHash } from 'node:crypto';
import { stringify } from '@kcp/apimachinery/json/stringify';
import { isObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { Work } from '@kcp/apimachinery/turns/work';
import type { EncodedDocument } from '../discovery/cluster-documents.js';

/** How deep the members of a document are encoded one by one: `components.schemas` of v3 holds the large ones. */
const PIECES_DEPTH = 3;
/** Pieces are put together from this length on. */
const PIECE_CHARS_MIN = 64 * 1024;

/** Encodes a document and makes its hash, schema by schema: all of them together take too long for one turn. */
export function* encodingDocument(document: JsonValue): Work<EncodedDocument> {
  const hash = createHash('sha512');
  const parts: Buffer[] = [];
  let text = '';
  for (const piece of pieces(document, PIECES_DEPTH)) {
    text += piece;
    if (text.length < PIECE_CHARS_MIN) continue;
    parts.push(encoded(text, hash));
    text = '';
    yield;
  }
  parts.push(encoded(text, hash));
  return { bytes: Buffer.concat(parts), hash: hash.digest('hex').toUpperCase() };
}

function encoded(text: string, hash: ReturnType<typeof createHash>): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  hash.update(bytes);
  return bytes;
}

/** The JSON of a value in pieces. */
function* pieces(value: JsonValue, depth: number): Generator<string, void, void> {
  if (depth === 0 || !isObject(value)) {
    yield stringify(value);
    return;
  }
  let before = '{';
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (member === undefined) continue;
    yield `${before}${JSON.stringify(name)}:`;
    yield* pieces(member, depth - 1);
    before = ',';
  }
  yield before === '{' ? '{}' : '}';
}
