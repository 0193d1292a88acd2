import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection, Exchange } from './connection.js';
import type { ApiHandler, ApiRequest, ApiResponse, PeerIdentity, StreamSink } from './exchange.js';
import { Http1Request } from './http1-transport.js';

/** RFC 6455 §1.3. */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';
/** Protocols that a watch may be read in; `base64.…` carries each frame as base64 text. */
const PROTOCOLS = ['binary.k8s.io', 'base64.binary.k8s.io'];
const CLIENT_FRAME_BYTES_MAX = 64 * 1024;
const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/**
 * Serves a watch over a WebSocket: one message per event. A bearer token may come as a subprotocol, which browsers can
 * set where they cannot set headers. Anything but a watch is refused with the answer that it would have got.
 */
export function serveUpgrade(
  message: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  peer: PeerIdentity,
  connection: Connection,
  handler: ApiHandler,
  onError: (error: unknown) => void,
): void {
  const exchange = connection.begin(() => socket.destroy());
  socket.once('close', () => connection.end(exchange));
  const key = message.headers['sec-websocket-key'];
  if (message.headers.upgrade?.toLowerCase() !== 'websocket' || key === undefined) {
    socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  const offered = (message.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const protocol = offered.find((name) => PROTOCOLS.includes(name));
  const request = withToken(new Http1Request(message, peer, socket), offered);
  handler
    .handle(request)
    .then((response) => answer({ socket, exchange, head, key, protocol }, response))
    .catch((error: unknown) => {
      socket.destroy();
      onError(error);
    });
}

function withToken(request: Http1Request, offered: readonly string[]): ApiRequest {
  const encoded = offered.find((name) => name.startsWith(TOKEN_PROTOCOL))?.slice(TOKEN_PROTOCOL.length);
  if (encoded === undefined) return request;
  const authorization = `Bearer ${Buffer.from(encoded, 'base64url').toString('utf8')}`;
  return {
    method: request.method,
    target: request.target,
    peer: request.peer,
    signal: request.signal,
    over: (listener) => request.over(listener),
    header: (name) => (name === 'authorization' ? authorization : request.header(name)),
    headersWith: (prefix) => request.headersWith(prefix),
    body: (maxBytes) => request.body(maxBytes),
  };
}

/** What an upgrade brought with it. */
interface Upgrade {
  readonly socket: Duplex;
  readonly exchange: Exchange;
  /** What came after the head. */
  readonly head: Buffer;
  readonly key: string;
  readonly protocol: string | undefined;
}

function answer({ socket, exchange, head, key, protocol }: Upgrade, response: ApiResponse): void {
  if (response.kind !== 'stream') {
    const body = Buffer.concat(response.body);
    const lines = Object.entries({ ...response.headers, connection: 'close', 'content-length': String(body.length) });
    const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${response.status} Refused\r\n${text}\r\n`), body]));
    return;
  }
  const accept = createHash('sha1')
    .update(key + HANDSHAKE_GUID)
    .digest('base64');
  const chosen = protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`,
  );
  exchange.lasts();
  const sink = new WebSocketSink(socket, exchange, protocol, response.headers['content-type'] ?? '');
  if (head.length > 0) sink.received(head);
  response.run(sink);
}

class WebSocketSink implements StreamSink {
  readonly #socket: Duplex;
  readonly #exchange: Exchange;
  readonly #base64: boolean;
  readonly #opcode: number;
  readonly #lines: boolean;
  #input = Buffer.alloc(0);

  constructor(socket: Duplex, exchange: Exchange, protocol: string | undefined, contentType: string) {
    this.#socket = socket;
    this.#exchange = exchange;
    this.#base64 = protocol === 'base64.binary.k8s.io';
    this.#lines = contentType.startsWith('application/json');
    this.#opcode = this.#base64 || (protocol === undefined && this.#lines) ? OPCODE.text : OPCODE.binary;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Buffer) => this.received(bytes));
  }

  /** One write may hold several events, one a line; each becomes a message of its own. */
  write(bytes: Buffer): boolean {
    if (this.#socket.destroyed || this.#socket.writableEnded) return true;
    if (!this.#lines) return this.#message(bytes);
    let free = true;
    for (let start = 0; start < bytes.length; ) {
      const newline = bytes.indexOf(0x0a, start);
      const end = newline < 0 ? bytes.length : newline + 1;
      free = this.#message(bytes.subarray(start, end));
      start = end;
    }
    return free;
  }

  onDrain(listener: () => void): void {
    this.#socket.on('drain', () => {
      this.#exchange.flows();
      listener();
    });
  }

  onClose(listener: () => void): void {
    this.#socket.once('close', listener);
  }

  end(): void {
    if (this.#socket.destroyed) return;
    this.#socket.end(frame(OPCODE.close, Buffer.from([0x03, 0xe8])));
  }

  /** Clients send nothing but control frames to a watch. */
  received(bytes: Buffer): void {
    this.#input = Buffer.concat([this.#input, bytes]);
    for (let parsed = parseFrame(this.#input); parsed; parsed = parseFrame(this.#input)) {
      this.#input = this.#input.subarray(parsed.length);
      if (parsed.opcode === OPCODE.close) this.end();
      else if (parsed.opcode === OPCODE.ping) this.#socket.write(frame(OPCODE.pong, parsed.payload));
    }
    if (this.#input.length > CLIENT_FRAME_BYTES_MAX) this.#socket.destroy();
  }

  #message(bytes: Buffer): boolean {
    const payload = this.#base64 ? Buffer.from(bytes.toString('base64')) : bytes;
    if (this.#socket.write(frame(this.#opcode, payload))) return true;
    this.#exchange.stalls();
    return false;
  }
}

function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const head = Buffer.alloc(size);
  head[0] = 0x80 | opcode;
  head[1] = size === 2 ? length : size === 4 ? 126 : 127;
  if (size === 4) head.writeUInt16BE(length, 2);
  if (size === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

interface ClientFrame {
  readonly opcode: number;
  readonly payload: Buffer;
  /** Bytes of the whole frame. */
  readonly length: number;
}

/** The first whole frame of the input; frames of clients are masked (RFC 6455 §5.3) and short. */
function parseFrame(input: Buffer): ClientFrame | undefined {
  if (input.length < 6) return undefined;
  const short = (input[1] ?? 0) & 0x7f;
  if (short === 127) return undefined;
  const maskAt = short === 126 ? 4 : 2;
  if (input.length < maskAt + 4) return undefined;
  const size = short === 126 ? input.readUInt16BE(2) : short;
  const start = maskAt + 4;
  if (input.length < start + size) return undefined;
  const payload = Buffer.from(input.subarray(start, start + size));
  for (let i = 0; i < size; i++) payload[i] = (payload[i] ?? 0) ^ (input[maskAt + (i % 4)] ?? 0);
  return { opcode: (input[0] ?? 0) & 0x0f, payload, length: start + size };
}
