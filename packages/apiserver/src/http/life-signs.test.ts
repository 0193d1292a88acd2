import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect, performServerHandshake, type ServerHttp2Session } from 'node:http2';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { HTTP_SILENT_MS_MAX, HTTP_SWEEP_MS } from '../limits.js';
import { LifeSigns, type Line } from './life-signs.js';
import { lineOf } from './line.js';

/** A connection whose other end is in the hands of the test. */
class Told implements Line {
  reset = false;
  bytes = 0;
  pings = 0;
  /** What a living client does about a ping. */
  answers = false;

  isReset(): boolean {
    return this.reset;
  }

  traffic(): string {
    return String(this.bytes);
  }

  ping(): void {
    this.pings++;
    if (this.answers) this.bytes++;
  }
}

/** When it was found to be gone, in milliseconds; undefined within ten times the longest silence. */
function goneAt(line: Line, waits: (at: number) => boolean = () => true): number | undefined {
  const signs = new LifeSigns(line);
  for (let at = 0; at < 10 * HTTP_SILENT_MS_MAX; at += HTTP_SWEEP_MS) if (signs.areGone(at, waits(at))) return at;
  return undefined;
}

describe('signs of life', () => {
  test('a connection that was reset is gone at the first look', () => {
    const line = new Told();
    line.reset = true;
    assert.equal(goneAt(line), 0);
  });

  test('a client that reads nothing and answers no ping is gone after some time', () => {
    assert.equal(goneAt(new Told()), HTTP_SILENT_MS_MAX + HTTP_SWEEP_MS);
  });

  test('one that reads nothing but answers pings stays', () => {
    const line = new Told();
    line.answers = true;
    assert.equal(goneAt(line), undefined);
    assert.ok(line.pings > 0);
  });

  test('one of whom nothing is expected is not asked, and begins anew when something is', () => {
    const resting = new Told();
    assert.equal(
      goneAt(resting, () => false),
      undefined,
    );
    assert.equal(resting.pings, 0);
    assert.equal(
      goneAt(new Told(), (at) => at % HTTP_SILENT_MS_MAX > HTTP_SWEEP_MS),
      undefined,
    );
  });
});

interface Pair {
  readonly session: ServerHttp2Session;
  readonly socket: Socket;
  readonly client: ClientHttp2Session;
  readonly clientSocket: Socket;
}

/** A client and a server of HTTP/2 over a real socket. */
async function pair(run: (pair: Pair) => Promise<void>): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clientSocket = dial(port, '127.0.0.1');
  const [socket]: Socket[] = await once(server, 'connection');
  assert.ok(socket);
  const session = performServerHandshake(socket);
  session.on('error', () => undefined);
  const client = connect(`http://127.0.0.1:${port}`, { createConnection: () => clientSocket });
  client.on('error', () => undefined);
  await once(client, 'connect');
  await run({ session, socket, client, clientSocket });
  client.destroy();
  session.destroy();
  server.close();
}

describe('a line', () => {
  test('is reset once the client has cut it off, though nobody reads', () =>
    pair(async ({ session, socket, clientSocket }) => {
      const line = lineOf(session, socket);
      assert.equal(line.isReset(), false);
      const handle: unknown = Reflect.get(socket, '_handle');
      assert.ok(typeof handle === 'object' && handle !== null);
      Reflect.apply(Reflect.get(handle, 'readStop'), handle, []);
      clientSocket.resetAndDestroy();
      await once(clientSocket, 'close');
      assert.equal(line.isReset(), true);
    }));

  test('has traffic when a client that does not read answers a ping', () =>
    pair(async ({ session, socket, client }) => {
      const line = lineOf(session, socket);
      session.on('stream', (stream) => {
        stream.on('error', () => undefined);
        stream.respond();
        stream.write(Buffer.alloc(1 << 20));
      });
      const unread = client.request();
      unread.on('error', () => undefined);
      await once(unread, 'response');
      await new Promise((resolve) => setTimeout(resolve, 50));
      const before = line.traffic();
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(line.traffic(), before);
      line.ping();
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.notEqual(line.traffic(), before);
    }));
});
