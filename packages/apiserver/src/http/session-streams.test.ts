import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Stream, connect, performServerHandshake, type ServerHttp2Session } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { FewEntries, keepFewStreams } from './session-streams.js';

const step = fc.record({ does: fc.constantFrom('set', 'delete', 'clear'), key: fc.nat(8), value: fc.nat() });

test('few entries are as a Map has them, whatever is done to them', () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const map = new Map<number, { value: number }>();
      const few = new FewEntries<{ value: number }>();
      for (const { does, key, value } of steps) {
        for (const each of [map, few]) {
          if (does === 'set') each.set(key, { value });
          else if (does === 'delete') each.delete(key);
          else if (value % 4 === 0) each.clear();
        }
        assert.equal(few.size, map.size);
        for (let at = 0; at <= 8; at++) {
          assert.deepEqual(few.get(at), map.get(at));
          assert.equal(few.has(at), map.has(at));
        }
      }
      const seen = new Map<number, { value: number }>();
      few.forEach((value, key) => {
        seen.set(key, value);
      });
      assert.deepEqual(seen, map);
      assert.deepEqual(new Map(few), map);
      assert.deepEqual(new Set(few.keys()), new Set(map.keys()));
      assert.deepEqual(new Set(few.values()), new Set(map.values()));
    }),
  );
});

test('who is visited may be removed meanwhile', () => {
  const few = new FewEntries<object>();
  for (let key = 0; key < 4; key++) few.set(key, {});
  const seen: number[] = [];
  few.forEach((_value, key) => {
    seen.push(key);
    few.delete(key);
  });
  assert.deepEqual([seen, few.size], [[0, 1, 2, 3], 0]);
});

/** Three requests without an answer yet, over a session whose streams are kept in few entries. */
async function withOpenStreams(
  context: TestContext,
  run: (session: ServerHttp2Session, opened: ClientHttp2Stream[]) => Promise<void>,
) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [socket] = await once(server, 'connection');
  const session = performServerHandshake(socket);
  context.after(() => {
    client.destroy();
    session.destroy();
    server.close();
  });
  assert.ok(keepFewStreams(session), 'this Node.js keeps its streams elsewhere');
  let arrived = 0;
  const all = new Promise<void>((resolve) => {
    session.on('stream', (stream) => {
      stream.on('error', () => undefined);
      if (++arrived === 3) resolve();
      client.once('close', () => stream.destroy());
    });
  });
  const opened = [1, 2, 3].map(() => client.request());
  for (const stream of opened) stream.on('error', () => undefined);
  await all;
  await run(session, opened);
}

describe('a session whose streams are kept in few entries', () => {
  test('closes all of them when it is destroyed', (context) =>
    withOpenStreams(context, async (session, opened) => {
      const closed = Promise.all(opened.map((stream) => once(stream, 'close')));
      session.destroy();
      await closed;
    }));

  test('tells one that the client takes back', (context) =>
    withOpenStreams(context, async (_session, [first]) => {
      first?.close();
      if (first) await once(first, 'close');
    }));

  test('waits for them when it is closed, and cannot be changed while they are open', (context) =>
    withOpenStreams(context, async (session) => {
      assert.equal(keepFewStreams(session), false);
      let closed = false;
      session.close(() => {
        closed = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(closed, false);
    }));
});
