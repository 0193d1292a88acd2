import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import fc from 'fast-check';
import { objectKey, resourcePrefix, type StorageResource } from '../key.js';
import { createMemoryStore } from '../memory/memory-store.js';
import type { StoreEvent } from '../store.js';
import { AesCbc } from './aes-cbc.js';
import { AesGcm } from './aes-gcm.js';
import type { ValueCipher } from './cipher.js';
import { EncryptedStore } from './encrypted-store.js';
import { parseEncryptionConfiguration } from './encryption-configuration.js';
import { Secretbox } from './secretbox.js';

const KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const PLACE = Buffer.from('/registry/core/secrets/root/default/s');
/** As golang.org/x/crypto/nacl/secretbox and crypto/cipher seal `i * 7` and `hello` under KEY. */
const SEALED_17 = 'ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7ER9baChfgbPUQ4cA5ie3RwK+l9wmleTYiMJl2WPfwXFO';
const SEALED_64 =
  'ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7nE0dQ8bGqmRLyfcfgdyKQwK+l9wmleTYiMJl2WPfwXFO3UYiaDXRug6j9CnOQBtRSIga7bM0kfXtCTFPNCifLJHH8H1+9UPei27FmX8ZLN0=';
const SEALED_GCM = 'ZGVmZ2hpamtsbW5vIH6yChYNXtPbzDok3RqNgvE1fhWX';

const SECRETS: StorageResource = { group: '', resource: 'secrets', custom: false, namespaced: true };
const secretKey = (name: string) => objectKey(SECRETS, { cluster: 'root' as never, namespace: 'default', name });

describe('the ciphers', () => {
  const ciphers: ValueCipher[] = [new AesGcm('k', KEY), new AesCbc('k', KEY), new Secretbox('k', KEY)];

  test('open what Go sealed', () => {
    const seven = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 7) % 256));
    const box = new Secretbox('k', KEY);
    assert.deepEqual(box.open(Buffer.from(SEALED_17, 'base64')), seven(17));
    assert.deepEqual(box.open(Buffer.from(SEALED_64, 'base64')), seven(64));
    assert.equal(new AesGcm('k', KEY).open(Buffer.from(SEALED_GCM, 'base64'), PLACE).toString(), 'hello');
  });

  test('open what they sealed, never twice the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...ciphers), (bytes, cipher) => {
        const plain = Buffer.from(bytes);
        const sealed = cipher.seal(plain, PLACE);
        assert.notDeepEqual(sealed, cipher.seal(plain, PLACE));
        assert.deepEqual(cipher.open(sealed, PLACE), plain);
      }),
      { numRuns: 100 },
    );
  });

  test('that authenticate notice a changed value, and GCM another place', () => {
    for (const cipher of [new AesGcm('k', KEY), new Secretbox('k', KEY)]) {
      const sealed = cipher.seal(Buffer.from('value'), PLACE);
      sealed[sealed.length - 1] = (sealed[sealed.length - 1] ?? 0) ^ 1;
      assert.throws(() => cipher.open(sealed, PLACE), { name: 'CipherError' });
    }
    const gcm = new AesGcm('k', KEY);
    assert.throws(() => gcm.open(gcm.seal(Buffer.from('v'), PLACE), Buffer.from('/elsewhere')), {
      name: 'CipherError',
    });
  });
});

const SECRET_1 = KEY.toString('base64');
const SECRET_2 = Buffer.alloc(32, 7).toString('base64');

function configuration(...providers: JsonObject[]): JsonObject {
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [{ resources: ['secrets'], providers }],
  };
}

const gcm = (...keys: [string, string][]): JsonObject => ({
  aesgcm: { keys: keys.map(([name, secret]) => ({ name, secret })) },
});
const NONE: JsonObject = { identity: {} };

describe('a store that encrypts', () => {
  test('keeps what the configuration names in the form of upstream, and shows it plain', async () => {
    const inner = createMemoryStore();
    const store = new EncryptedStore(inner, parseEncryptionConfiguration(configuration(gcm(['key1', SECRET_1]), NONE)));
    const maps: StorageResource = { ...SECRETS, resource: 'configmaps' };
    const mapKey = objectKey(maps, { cluster: 'root' as never, namespace: 'default', name: 'm' });
    const seen: StoreEvent[] = [];
    const stop = new AbortController();
    const sink = { events: (events: readonly StoreEvent[]) => seen.push(...events), closed: () => {} };
    await store.watch(resourcePrefix(SECRETS), 0, sink, stop.signal);
    const revision = await store.create(secretKey('s'), Buffer.from('hidden'));
    await store.create(mapKey, Buffer.from('open'));
    await store.update(secretKey('s'), Buffer.from('hidden too'), revision);
    const raw = await inner.get(secretKey('s'));
    assert.ok(raw !== undefined);
    assert.ok(raw.value.toString('latin1').startsWith('k8s:enc:aesgcm:v1:key1:'));
    assert.ok(!raw.value.includes('hidden'));
    assert.equal((await inner.get(mapKey))?.value.toString(), 'open');
    assert.equal((await store.get(secretKey('s')))?.value.toString(), 'hidden too');
    assert.equal((await store.list(resourcePrefix(SECRETS))).items[0]?.value.toString(), 'hidden too');
    await new Promise((resolve) => setImmediate(resolve));
    const values = seen.map((event) => (event.type === 'put' ? event.current.value.toString() : ''));
    assert.deepEqual(values, ['hidden', 'hidden too']);
    stop.abort();
    await store.close();
  });

  test('rotates keys: old values are read, and marked as worth writing anew', async () => {
    const inner = createMemoryStore();
    const store = new EncryptedStore(inner, parseEncryptionConfiguration(configuration(NONE)));
    await store.create(secretKey('plain'), Buffer.from('p'));
    store.use(parseEncryptionConfiguration(configuration(gcm(['key1', SECRET_1]), NONE)));
    await store.create(secretKey('one'), Buffer.from('1'));
    assert.equal((await store.get(secretKey('plain')))?.stale, true);
    assert.equal((await store.get(secretKey('one')))?.stale, undefined);
    store.use(parseEncryptionConfiguration(configuration(gcm(['key2', SECRET_2], ['key1', SECRET_1]))));
    assert.equal((await store.get(secretKey('one')))?.stale, true);
    await assert.rejects(store.get(secretKey('plain')), { code: 'corrupt' });
    store.use(parseEncryptionConfiguration(configuration(gcm(['key2', SECRET_2]), NONE)));
    await assert.rejects(store.list(resourcePrefix(SECRETS)), { code: 'corrupt' });
    await store.close();
  });

  test('refuses a configuration with faults, and shows no key', () => {
    const fault = (providers: JsonObject[], resources = ['secrets']): string => {
      const value = { ...configuration(), resources: [{ resources, providers }] };
      try {
        parseEncryptionConfiguration(value);
      } catch (error) {
        return String(error);
      }
      return '';
    };
    assert.match(fault([]), /resources\[0\]\.providers: Required value/);
    assert.match(fault([{}]), /does not contain any of the expected providers/);
    assert.match(fault([{ ...NONE, ...gcm(['a', SECRET_1]) }]), /more than one provider/);
    const short = fault([gcm(['a', 'c2hvcnQ='])]);
    assert.match(short, /got 5, expected one of \[16 24 32\]/);
    assert.ok(!short.includes('c2hvcnQ'));
    assert.match(fault([NONE], ['secrets', '*.']), /overlapping/);
    assert.match(fault([NONE], ['*']), /use '\*\.'/);
    assert.match(fault([{ kms: { name: 'x' } }]), /not supported/);
    assert.equal(fault([NONE], ['secrets', 'widgets.example.com']), '');
  });
});
