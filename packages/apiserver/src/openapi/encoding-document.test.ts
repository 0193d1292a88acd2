import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce } from '@kcp/apimachinery/turns/work';
import { encodedDocument } from '../discovery/cluster-documents.js';
import { encodingDocument } from './encoding-document.js';

test('a document in pieces has the bytes and the hash of one that is encoded whole', () => {
  const large = 'ü'.repeat(50_000);
  for (const document of [
    {},
    { a: {}, b: [], c: null, d: { e: { f: { g: { h: [1, { i: 'j' }] } } } } },
    { a: undefined, b: { c: undefined, d: large, '"e"': { f: large, g: { h: large } } }, i: large },
  ]) {
    const whole = encodedDocument(Buffer.from(JSON.stringify(document)));
    assert.deepEqual(atOnce(encodingDocument(document)), whole);
  }
});
