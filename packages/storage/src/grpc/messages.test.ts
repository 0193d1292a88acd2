import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as assertProperty, integer, property, uint8Array } from 'fast-check';
import { FLAG, FRAME, FrameReader, frame, ProtocolError } from './frames.js';
import { MessageReader, prefixed } from './messages.js';

/** The bytes, cut after each of the lengths in turn. */
function* pieces(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? bytes.length;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
const cuts = array(integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
const texts = array(uint8Array({ maxLength: 60 }), { maxLength: 12 });

test('messages are the same however they arrive', () => {
  assertProperty(
    property(texts, cuts, (sent, lengths) => {
      const reader = new MessageReader();
      const read: string[] = [];
      const all = Buffer.concat(sent.map((message) => prefixed(Buffer.from(message))));
      for (const piece of pieces(all, lengths)) reader.add(piece, (message) => read.push(message.toString('hex')));
      assert.deepEqual(
        read,
        sent.map((message) => Buffer.from(message).toString('hex')),
      );
      assert.ok(reader.empty);
    }),
  );
});

test('and so are frames', () => {
  assertProperty(
    property(texts, cuts, (sent, lengths) => {
      const reader = new FrameReader();
      const read: string[] = [];
      const all = Buffer.concat(
        sent.map((payload, i) => frame(FRAME.DATA, FLAG.END_STREAM, i * 2 + 1, Buffer.from(payload))),
      );
      for (const piece of pieces(all, lengths)) {
        reader.read(piece, (...[type, flags, stream, payload]) =>
          read.push([type, flags, stream, payload.toString('hex')].join()),
        );
      }
      assert.deepEqual(
        read,
        sent.map((payload, i) => [0, 1, i * 2 + 1, Buffer.from(payload).toString('hex')].join()),
      );
    }),
  );
});

test('a packed message, one that is too long and a frame that is too long are refused', () => {
  const read = (hex: string) => new MessageReader().add(Buffer.from(hex, 'hex'), () => {});
  assert.throws(() => read('0100000000'), ProtocolError);
  assert.throws(() => read('0080000000'), ProtocolError);
  const long = Buffer.from('004001000000000001', 'hex');
  assert.throws(() => new FrameReader().read(long, () => {}), ProtocolError);
});
