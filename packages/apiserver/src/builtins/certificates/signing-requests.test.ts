import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { testUpstreamCases } from '../testing/upstream-cases.js';
import { SIGNING_REQUESTS } from './signing-requests.js';

const recorded = new URL('../../../src/builtins/certificates/data/recorded.json', import.meta.url);

testUpstreamCases(recorded, { csr: SIGNING_REQUESTS });

test('a request whose signature was changed is refused', () => {
  const sent = {
    metadata: { name: 'a' },
    spec: { request: changed(), signerName: 'example.com/a', usages: ['signing'] },
  };
  const { object } = SIGNING_REQUESTS.codec.decode(sent);
  const errors = SIGNING_REQUESTS.strategy.validateCreate?.(object, CONTEXT) ?? [];
  assert.deepEqual(
    errors.map(({ field }) => field),
    ['spec.request'],
  );
});

const CONTEXT = {
  cluster: ROOT_CLUSTER,
  user: { name: '', uid: '', groups: [], extra: {} },
  now: 0,
  warn: () => undefined,
};
const EC =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlISU1IQUNBUUF3RGpFTU1Bb0dBMVVFQXd3RFlXNXVNRmt3RXdZSEtvWkl6ajBDQVFZSUtvWkl6ajBEQVFjRApRZ0FFdHZrUE9aV3VpWGNTYWhoRFlnN2dhMXVaVjVQc0lkbjY2SmxNbHlxRmVtbUYxdHFmRzlDWjZ5eW1MQkt0CmF5U2UyK2RiYzZ4Z3ErZE9GWHl1aFVYdUZLQUFNQW9HQ0NxR1NNNDlCQU1DQTBnQU1FVUNJUUNzYysyUUZKcVMKV0s2cmh4U0lGdENqSnhUOW9YdEpwSnVlYU4rMW1kK0hhd0lnSnhFT2QrTEJ0MGxRd0NKaGd3UWJTQmhIckpqbApuOGR1RG5xMjg3cWUydDA9Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=';

/** The same request with one byte of its signature flipped. */
function changed(): string {
  const [begin = '', ...lines] = Buffer.from(EC, 'base64').toString('latin1').trim().split('\n');
  const der = Buffer.from(lines.slice(0, -1).join(''), 'base64');
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
  return Buffer.from(`${begin}\n${der.toString('base64')}\n${lines.at(-1)}\n`, 'latin1').toString('base64');
}
