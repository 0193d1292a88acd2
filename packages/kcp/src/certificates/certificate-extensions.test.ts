import assert from 'node:assert/strict';
import { BlockList, isIPv6 } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addressBytes } from './certificate-extensions.js';

describe('addresses in a certificate', () => {
  test('an IPv6 address is the same in every way of writing it', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        assert.ok(isIPv6(text));
        const bytes = addressBytes(text);
        const plain = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => bytes.readUInt16BE(at).toString(16)).join(':');
        const list = new BlockList();
        list.addAddress(plain, 'ipv6');
        assert.ok(bytes.length === 16 && list.check(text, 'ipv6'), `${text} ${plain}`);
      }),
    );
  });

  test('an IPv4 address is four bytes', () => assert.deepEqual([...addressBytes('192.0.2.7')], [192, 0, 2, 7]));
});
