import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { after, before, describe, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { type RunningServer, startServer } from '../assemble.js';
import { DEFAULT_CONFIG } from '../config/server-config.js';
import { WireClient } from '../testing/wire-client.fixture.js';

const SILENT = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const WATCH = '/api/v1/namespaces/default/configmaps?watch=1';
const PATIENCE_MS = 10_000;
/** A healthy request may be held up by an attack this long, on a slow and busy machine. */
const ANSWER_MS_MAX = 1_000;

/** RFC 9113 §4.1: length, type, flags, stream. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
const HEADERS = 1;
const RESET = 3;
const GOAWAY = 7;
const SETTINGS = 4;
const CONTINUATION = 9;
const END_STREAM = 1;
const END_HEADERS = 4;
const CANCEL = Buffer.from([0, 0, 0, 8]);
const STREAMS_MAX = 50_000;
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** The payload of the first frame of a type that comes. */
async function frameOf(socket: TLSSocket, wanted: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  for await (const part of socket) {
    bytes = Buffer.concat([bytes, part]);
    for (;;) {
      const end = bytes.length < 9 ? Number.POSITIVE_INFINITY : 9 + bytes.readUIntBE(0, 3);
      if (bytes.length < end) break;
      if (bytes.readUInt8(3) === wanted) return bytes.subarray(9, end);
      bytes = bytes.subarray(end);
    }
  }
  throw new Error(`no frame of type ${wanted} came`);
}

describe('connections that mean harm', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-connections-'));
  let server: RunningServer;
  let healthy: WireClient;

  before(async () => {
    server = await startServer(
      { ...DEFAULT_CONFIG, listen: { host: '127.0.0.1', port: 0 }, rootDirectory: folder, inMemory: true },
      SILENT,
    );
    healthy = new WireClient(server.port);
  });
  after(async () => {
    healthy.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  /** A connection without credentials that says whatever it likes. */
  async function open(protocol: string): Promise<TLSSocket> {
    const socket = connect({
      host: '127.0.0.1',
      port: server.port ?? 0,
      rejectUnauthorized: false,
      ALPNProtocols: [protocol],
    });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('the server neither answered nor closed')));
    await once(socket, 'secureConnect');
    return socket;
  }

  /** Everything that the server says until it closes. */
  async function untilClosed(socket: TLSSocket): Promise<string> {
    let text = '';
    socket.setEncoding('latin1');
    for await (const part of socket) text += String(part);
    return text;
  }

  /** Asks for the health as others would during an attack; the longest that one of them waited, in milliseconds. */
  async function longestWait(underAttack: () => boolean): Promise<number> {
    let longest = 0;
    do {
      const from = performance.now();
      assert.equal((await healthy.send('GET', '/livez', '')).code, 200);
      longest = Math.max(longest, performance.now() - from);
    } while (underAttack());
    return longest;
  }

  for (const upgrade of ['websocket', 'SPDY/3.1', 'h2c']) {
    test(`CVE-2018-1002105: an upgrade to ${upgrade} that is refused leaves no way to the server open`, async () => {
      const socket = await open('http/1.1');
      const lines = [
        `GET ${WATCH} HTTP/1.1`,
        'Host: localhost',
        'Connection: Upgrade',
        `Upgrade: ${upgrade}`,
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
      ];
      const second = 'GET /version HTTP/1.1\r\nHost: localhost\r\nX-Remote-User: admin\r\n\r\n';
      socket.write(`${lines.join('\r\n')}\r\n\r\n${second}`);
      const text = await untilClosed(socket);
      assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g)?.length, 1, text);
      assert.match(text, /^HTTP\/1\.1 4\d\d /);
    });
  }

  test('CVE-2023-44487: streams that are opened and reset by the thousand hold nobody else up', async () => {
    const socket = await open('h2');
    socket.on('error', () => undefined);
    const farewell = frameOf(socket, GOAWAY);
    socket.write(Buffer.concat([PREFACE, frame(SETTINGS, 0, 0, Buffer.alloc(0))]));
    // `GET https://x/` from the static table (RFC 7541, appendix A).
    const block = Buffer.from([0x82, 0x87, 0x84, 0x41, 1, 0x78]);
    let streams = 0;
    const attack = (): void => {
      if (socket.destroyed || streams >= STREAMS_MAX) return;
      for (let i = 0; i < 100; i++, streams++) {
        const id = 2 * streams + 1;
        socket.write(Buffer.concat([frame(HEADERS, END_STREAM | END_HEADERS, id, block), frame(RESET, 0, id, CANCEL)]));
      }
      setImmediate(attack);
    };
    attack();
    const longest = await longestWait(() => !socket.destroyed && streams < STREAMS_MAX);
    assert.ok(longest < ANSWER_MS_MAX, `${longest} ms`);
    // From here on the server hears nothing of what this connection says.
    const lastStream = (await farewell).readUInt32BE(0);
    assert.ok(lastStream < STREAMS_MAX / 10, `${lastStream} streams were taken`);
    socket.destroy();
  });

  test('CVE-2024-27983: header blocks without an end are cut off', async () => {
    const socket = await open('h2');
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(Buffer.concat([PREFACE, frame(SETTINGS, 0, 0, Buffer.alloc(0))]));
    // `x-a: aaaa…` as a literal without indexing (RFC 7541 §6.2.2).
    const value = Buffer.alloc(100, 0x61);
    const field = Buffer.concat([Buffer.from([0, 3]), Buffer.from('x-a'), Buffer.from([value.length]), value]);
    const block = Buffer.concat(Array.from({ length: 100 }, () => field));
    socket.write(frame(HEADERS, 0, 1, block));
    let sent = 0;
    const flood = (): void => {
      if (socket.destroyed || sent >= 20_000) return;
      for (let i = 0; i < 20; i++, sent++) socket.write(frame(CONTINUATION, 0, 1, block));
      setImmediate(flood);
    };
    flood();
    const longest = await longestWait(() => !socket.destroyed && sent < 20_000);
    if (!socket.destroyed) await once(socket, 'close');
    assert.ok(longest < ANSWER_MS_MAX, `${longest} ms`);
    assert.ok(sent < 20_000, 'the server ended the connection');
  });

  test('a body that comes by drops holds nobody up, and its sender is refused before he has said it all', async () => {
    const socket = await open('http/1.1');
    socket.write(
      'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{',
    );
    socket.setEncoding('latin1');
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 403 /);
    socket.destroy();
    assert.ok((await longestWait(() => false)) < ANSWER_MS_MAX);
  });
});
