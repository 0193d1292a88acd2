import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as assertProperty, property, uint8Array } from 'fast-check';
import { ProtocolError } from './frames.js';
import { decodeBlock, encodeBlock } from './header-block.js';
import { unpacked } from './huffman.js';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

test('packed text is read as the examples of RFC 7541 (Appendix C) have it', () => {
  for (const [hex, text] of [
    ['f1e3 c2e5 f23a 6ba0 ab90 f4ff', 'www.example.com'],
    ['a8eb 1064 9cbf', 'no-cache'],
    ['25a8 49e9 5ba9 7d7f', 'custom-key'],
    ['25a8 49e9 5bb8 e8b4 bf', 'custom-value'],
    ['6402', '302'],
    ['d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff', 'Mon, 21 Oct 2013 20:13:21 GMT'],
    ['9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3', 'https://www.example.com'],
    [
      '94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
      'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
    ],
  ] as const) {
    assert.equal(unpacked(bytes(hex)), text);
  }
});

test('what is filled up with anything but the beginning of the end is refused', () => {
  assert.throws(() => unpacked(bytes('18')), ProtocolError, 'zeros');
  assert.throws(() => unpacked(bytes('6402 ff')), ProtocolError, 'a whole byte');
  assert.throws(() => unpacked(bytes('ffff ffff')), ProtocolError, 'the mark itself');
});

test('fields by number, by name and in full are read, and again from memory', () => {
  const block = bytes('88 5f 10 6170706c69636174696f6e2f67727063 00 0b 677270632d737461747573 01 30');
  for (let times = 0; times < 2; times++) {
    assert.deepEqual(
      [...decodeBlock(block)],
      [
        [':status', '200'],
        ['content-type', 'application/grpc'],
        ['grpc-status', '0'],
      ],
    );
  }
});

test('what is written is read, long values too', () => {
  const fields = [':path', 'x'.repeat(126), 'y'.repeat(127), 'z'.repeat(20_000)].map(
    (value) => ['name', value] as const,
  );
  for (const field of fields) assert.deepEqual([...decodeBlock(encodeBlock([field]))], [field]);
  assert.equal(encodeBlock([[':method', 'POST']]).length, 1);
});

test('a table that our settings rule out, a number that nothing has and too many fields are refused', () => {
  assert.deepEqual([...decodeBlock(bytes('20 88'))], [[':status', '200']], 'a table of no bytes');
  for (const hex of ['21', '3fe11f', 'be', '80', '7f', 'ffffffffffff', '0005']) {
    assert.throws(() => decodeBlock(bytes(hex)), ProtocolError, hex);
  }
  const long = ['name', 'x'.repeat(40_000)] as const;
  assert.throws(() => decodeBlock(encodeBlock([long, long])), ProtocolError);
});

test('any bytes are read or refused', () => {
  assertProperty(
    property(uint8Array({ maxLength: 64 }), (any) => {
      try {
        decodeBlock(Buffer.from(any));
      } catch (error) {
        assert.ok(error instanceof ProtocolError);
      }
    }),
    { numRuns: 2_000 },
  );
});
