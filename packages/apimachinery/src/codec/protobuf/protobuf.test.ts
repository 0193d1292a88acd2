import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { StatusError } from '../../errors/status-error.js';
import { deepEqual, isObject, type JsonObject } from '../../json/value.js';
import type { GroupVersionKind } from '../../meta/resource.js';
import { structType } from '../../types/struct-type.js';
import { builtInKinds, typeOf } from '../../types/type-of.js';
import type { StructType } from '../../types/type-ref.js';
import { zeroStruct } from '../../types/zero-value.js';
import { decodeTyped } from '../decode-typed.js';
import { decodeMessage } from './decode-message.js';
import { encodeMessage } from './encode-message.js';
import { decodeProtobuf, encodeProtobuf, hasProtobuf, openEnvelope } from './envelope.js';
import { encodeList, encodeWatchFrame } from './stream.js';
import { ProtobufError } from './wire-reader.js';

const FIXTURES = new URL('../../../data/fixtures/', import.meta.url);
const CONFIG_MAP: GroupVersionKind = { group: '', version: 'v1', kind: 'ConfigMap' };

function fixtureNames(): string[] {
  return readdirSync(FIXTURES)
    .filter((name) => name.endsWith('.pb'))
    .map((name) => name.slice(0, -3));
}

function kindOf(fixture: string): GroupVersionKind {
  const [, group = '', version = '', kind = ''] = /^(.*)\.(v\d\w*)\.(\w+)$/.exec(fixture) ?? [];
  return { group: group === 'core' ? '' : group, version, kind };
}

function json(fixture: string): JsonObject {
  const value = JSON.parse(readFileSync(new URL(`${fixture}.json`, FIXTURES), 'utf8'));
  assert.ok(isObject(value));
  return value;
}

function typeFor(gvk: GroupVersionKind): StructType {
  const type = typeOf(gvk);
  assert.ok(type, gvk.kind);
  return type;
}

for (const name of fixtureNames()) {
  test(`upstream's fixture ${name}: both ways byte for byte, and canonical`, () => {
    const gvk = kindOf(name);
    const object = json(name);
    const bytes = readFileSync(new URL(`${name}.pb`, FIXTURES));
    assert.equal(decodeTyped(typeFor(gvk), object, gvk).object, object);
    // The envelope of the event in the fixture has no kind, as none is on the wire.
    if (gvk.kind === 'WatchEvent') {
      assert.deepEqual(encodeMessage(typeFor(gvk), object), openEnvelope(bytes).raw);
    } else {
      assert.deepEqual(encodeProtobuf(gvk, object), bytes);
    }
    assert.ok(deepEqual(decodeProtobuf(bytes, gvk).object, object));
  });
}

/** Kinds that upstream has no fixture of; they share their field types with those that have one. */
const WITHOUT_FIXTURE = ['apiregistration.k8s.io/v1 APIService', 'meta.k8s.io/v1 PartialObjectMetadata'];

test('no kind with a protobuf form is silently without a fixture of upstream', () => {
  const fixtures = new Set(fixtureNames().map((name) => JSON.stringify(kindOf(name))));
  const missing = builtInKinds()
    .filter(hasProtobuf)
    .filter(({ kind }) => !kind.endsWith('List'))
    // Upstream keeps those of meta/v1 with the core group.
    .map((gvk) => ({ ...gvk, kept: gvk.group === 'meta.k8s.io' ? '' : gvk.group }))
    .filter(({ kept, version, kind }) => !fixtures.has(JSON.stringify({ group: kept, version, kind })))
    .map(({ group, version, kind }) => `${group}/${version} ${kind}`);
  assert.deepEqual(missing.sort(), WITHOUT_FIXTURE);
});

test('the zero value of every built-in kind survives the way to protobuf and back', () => {
  for (const gvk of builtInKinds().filter(hasProtobuf)) {
    const zero = zeroStruct(typeFor(gvk));
    assert.ok(deepEqual(decodeMessage(typeFor(gvk), encodeMessage(typeFor(gvk), zero)), zero), gvk.kind);
  }
});

test('integers beyond 2^53 and names like __proto__ survive', () => {
  const object: JsonObject = {
    metadata: { name: 'a', generation: 9223372036854775807n },
    data: JSON.parse('{"__proto__":"x","\\ud83d\\ude00":"y","\\uffee":"z"}'),
  };
  const back = decodeMessage(typeFor(CONFIG_MAP), encodeMessage(typeFor(CONFIG_MAP), object));
  assert.ok(deepEqual(back, object));
});

test('unknown fields are skipped', () => {
  const known = encodeMessage(typeFor(CONFIG_MAP), { metadata: { name: 'a' } });
  const unknown = Buffer.from([0xf8, 0x07, 0x05, 0xfa, 0x07, 0x02, 0x61, 0x62]);
  const back = decodeMessage(typeFor(CONFIG_MAP), Buffer.concat([unknown, known, unknown]));
  assert.deepEqual(back, { metadata: { name: 'a' } });
});

test('options of a deletion are understood in the group and version of whatever is deleted, as client-go names it', () => {
  const own = encodeProtobuf({ group: '', version: 'v1', kind: 'DeleteOptions' }, { propagationPolicy: 'Background' });
  // The same bytes with another apiVersion in the envelope: fields 1.1 of runtime.Unknown, both lengths with it.
  const named = Buffer.from(own.toString('latin1').replace('\x13\n\x02v1', '\x18\n\x07apps/v1'), 'latin1');
  const { gvk, object } = decodeProtobuf(named);
  assert.deepEqual(gvk, { group: 'apps', version: 'v1', kind: 'DeleteOptions' });
  assert.equal(object.propagationPolicy, 'Background');
});

test('garbage is refused with a clean error', () => {
  const valid = encodeProtobuf(CONFIG_MAP, { metadata: { name: 'a', labels: { b: 'c' } }, data: { d: 'e' } });
  const garbled = fc.tuple(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length)).map(([at, byte, end]) => {
    const copy = Buffer.from(valid);
    copy[at] = byte;
    return copy.subarray(0, end);
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), garbled), (bytes) => {
      try {
        decodeProtobuf(bytes, CONFIG_MAP);
      } catch (error) {
        assert.ok(error instanceof StatusError && error.code === 400, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('a length beyond the end, and nesting without end, are refused', () => {
  assert.throws(
    () => decodeMessage(typeFor(CONFIG_MAP), Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])),
    ProtobufError,
  );
  const schema = structType('apiextensions/v1.JSONSchemaProps');
  let nested = Buffer.alloc(0);
  for (let i = 0; i < 3000; i++) {
    const prefix = [
      0xe2,
      0x01,
      (nested.length & 0x7f) | 0x80,
      ((nested.length >> 7) & 0x7f) | 0x80,
      nested.length >> 14,
    ];
    nested = Buffer.concat([Buffer.from(prefix), nested]);
  }
  assert.throws(() => decodeMessage(schema, nested), /exceeded max depth/);
});

test('schemas as deep as JSON may be are encoded and decoded', () => {
  let object: JsonObject = { type: 'string' };
  for (let i = 0; i < 950; i++) object = { not: object };
  const schema = structType('apiextensions/v1.JSONSchemaProps');
  assert.ok(deepEqual(decodeMessage(schema, encodeMessage(schema, object)), object));
});

test('a list made of encoded items is the list encoded as a whole', () => {
  const items: JsonObject[] = [{ metadata: { name: 'a' }, data: { b: 'c' } }, { metadata: { name: 'd' } }];
  const metadata = { resourceVersion: '7', remainingItemCount: 3 };
  const gvk = { ...CONFIG_MAP, kind: 'ConfigMapList' };
  const encoded = items.map((item) => encodeMessage(typeFor(CONFIG_MAP), item));
  assert.deepEqual(encodeList(gvk, metadata, encoded), encodeProtobuf(gvk, { metadata, items }));
});

test('a watch frame is four bytes of length and a bare event around the enveloped object', () => {
  const object = encodeProtobuf(CONFIG_MAP, { metadata: { name: 'a' } });
  const frame = encodeWatchFrame('ADDED', object);
  assert.equal(frame.readUInt32BE(0), frame.length - 4);
  // 1: type, 2: an extension whose field 1 holds the object.
  const expected = Buffer.concat([
    Buffer.from([0x0a, 5]),
    Buffer.from('ADDED'),
    Buffer.from([0x12, object.length + 2, 0x0a, object.length]),
    object,
  ]);
  assert.deepEqual(frame.subarray(4), expected);
});

test('custom resources and tables have no protobuf form', () => {
  assert.equal(hasProtobuf({ group: 'example.com', version: 'v1', kind: 'Widget' }), false);
  assert.equal(hasProtobuf({ group: 'meta.k8s.io', version: 'v1', kind: 'Table' }), false);
  assert.throws(() => encodeProtobuf({ group: 'example.com', version: 'v1', kind: 'Widget' }, {}), TypeError);
});
