// Connections of HTTP/2 written frame by frame, for what no honest client sends.
import { once } from 'node:events';
import tls from 'node:tls';

/** Resolves when the server has closed, or fails when it takes longer. */
export function closed(socket, ms = 10_000) {
  socket.resume();
  return socket.destroyed ? undefined : once(socket, 'close', { signal: AbortSignal.timeout(ms) });
}

/** RFC 9113 §4.1: length, type, flags, stream. */
export function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
export const TYPE = { headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, continuation: 9 };
export const FLAG = { endStream: 1, endHeaders: 4 };
export const CODE = { refusedStream: 7, cancel: 8, enhanceYourCalm: 11 };
export const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(TYPE.settings, 0, 0)]);
/** `GET https://x/` from the static table (RFC 7541, appendix A). */
export const GET = Buffer.from([0x82, 0x87, 0x84, 0x41, 1, 0x78]);
export const number = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

function connect(server, protocol = 'h2', identity = {}) {
  const { hostname, port } = new URL(server.url);
  const socket = tls.connect({ host: hostname, port, ...server.trusted, ...identity, ALPNProtocols: [protocol] });
  socket.on('error', () => {});
  return socket;
}

export async function connected(...of) {
  const socket = connect(...of);
  await once(socket, 'secureConnect');
  return socket;
}

/** Collects the frames that a server sends. */
export function framesOf(socket) {
  const frames = [];
  let bytes = Buffer.alloc(0);
  socket.on('data', (part) => {
    bytes = Buffer.concat([bytes, part]);
    while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
      const end = 9 + bytes.readUIntBE(0, 3);
      frames.push({ type: bytes[3], stream: bytes.readUInt32BE(5), payload: bytes.subarray(9, end) });
      bytes = bytes.subarray(end);
    }
  });
  return frames;
}

/** Writes `piece(i)` as fast as the socket lives, at most `count` times; how many went out. */
export async function flood(socket, count, piece) {
  let sent = 0;
  while (sent < count && !socket.destroyed && socket.writable) {
    for (let i = 0; i < 100 && sent < count; i++, sent++) socket.write(piece(sent));
    await new Promise(setImmediate);
  }
  return sent;
}
