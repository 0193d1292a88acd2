import { stringify } from '@kcp/apimachinery/json/stringify';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import { readObject } from '@kcp/apimachinery/schema/read';
import { texts } from '../pod-facts.js';

/** The label that keeps the pods of one template apart from those of another. */
export const TEMPLATE_HASH = 'pod-template-hash';
/** Letters and digits that make no words, as upstream's `rand.SafeEncodeString`. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** A short name for a template; `collisions` gives another one for the same template. */
export function templateHash(template: JsonObject, collisions: number): string {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(`${stringify(sorted(template))}${collisions > 0 ? collisions : ''}`)) {
    hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  }
  return [...String(hash)].map((digit) => SAFE[digit.charCodeAt(0) % SAFE.length] ?? '').join('');
}

function sorted(value: JsonObject): JsonObject {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, inner]) => [
      key,
      typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? sorted(inner) : (inner ?? null),
    ]),
  );
}

/** The same pods come of both, but for the label that tells them apart. */
export function sameTemplate(a: JsonObject, b: JsonObject): boolean {
  return deepEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: JsonObject): JsonObject {
  const metadata = readObject(template, 'metadata') ?? {};
  const { [TEMPLATE_HASH]: _, ...labels } = texts(metadata, 'labels');
  const { creationTimestamp: __, ...rest } = metadata;
  return { ...template, metadata: { ...rest, labels } };
}
