import { FRAME_BYTES_MAX } from './limits.js';

/* Frames of HTTP/2 (RFC 9113 §4 and §6), those that a client of gRPC meets. */

export const FRAME = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const FLAG = { NONE: 0, END_STREAM: 1, ACK: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 0x20 } as const;

/** Names of settings (RFC 9113 §6.5.2). */
export const SETTING = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
} as const;

export const FRAME_HEAD_BYTES = 9;
const SETTING_BYTES = 6;

/** The other side breaks the protocol: the connection is of no use any more. */
export class ProtocolError extends Error {}

/** The head of a frame, at `at` of `out`. */
export function writeHead(out: Buffer, at: number, length: number, type: number, flags: number, stream: number): void {
  out[at] = length >>> 16;
  out[at + 1] = length >>> 8;
  out[at + 2] = length;
  out[at + 3] = type;
  out[at + 4] = flags;
  out.writeUInt32BE(stream, at + 5);
}

export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const out = Buffer.allocUnsafe(FRAME_HEAD_BYTES + payload.length);
  writeHead(out, 0, payload.length, type, flags, stream);
  payload.copy(out, FRAME_HEAD_BYTES);
  return out;
}

/** A frame whose payload is one number: an increment of a window, an error. */
export function numberFrame(type: number, stream: number, value: number): Buffer {
  const out = Buffer.allocUnsafe(FRAME_HEAD_BYTES + 4);
  writeHead(out, 0, 4, type, FLAG.NONE, stream);
  out.writeUInt32BE(value, FRAME_HEAD_BYTES);
  return out;
}

export function settingsFrame(settings: readonly (readonly [name: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(settings.length * SETTING_BYTES);
  settings.forEach(([name, value], i) => {
    payload.writeUInt16BE(name, i * SETTING_BYTES);
    payload.writeUInt32BE(value, i * SETTING_BYTES + 2);
  });
  return frame(FRAME.SETTINGS, FLAG.NONE, 0, payload);
}

/** Calls `take` with each setting. Throws ProtocolError. */
export function eachSetting(payload: Buffer, take: (name: number, value: number) => void): void {
  if (payload.length % SETTING_BYTES !== 0) throw new ProtocolError('settings of a wrong length');
  for (let at = 0; at < payload.length; at += SETTING_BYTES)
    take(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
}

/** The first number of a payload, 31 bits. Throws ProtocolError. */
export function numberOf(payload: Buffer, at = 0): number {
  if (payload.length < at + 4) throw new ProtocolError('a frame that is too short');
  return payload.readUInt32BE(at) & 0x7fff_ffff;
}

/** The payload without what only makes it longer, and without a priority. Throws ProtocolError. */
export function contentOf(payload: Buffer, flags: number): Buffer {
  const padded = (flags & FLAG.PADDED) !== 0;
  const start = (padded ? 1 : 0) + ((flags & FLAG.PRIORITY) === 0 ? 0 : 5);
  const end = payload.length - (padded ? (payload[0] ?? 0) : 0);
  if (start > end) throw new ProtocolError('more padding than payload');
  return start === 0 && end === payload.length ? payload : payload.subarray(start, end);
}

export type TakeFrame = (type: number, flags: number, stream: number, payload: Buffer) => void;

/** Makes frames of what arrives in pieces. Payloads are views of the pieces where they can be. */
export class FrameReader {
  #rest: Buffer | undefined;

  /** Calls `take` with each frame that is complete. Throws ProtocolError for one that is longer than allowed. */
  read(piece: Buffer, take: TakeFrame): void {
    const bytes = this.#rest === undefined ? piece : Buffer.concat([this.#rest, piece]);
    let at = 0;
    while (bytes.length - at >= FRAME_HEAD_BYTES) {
      const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      if (length > FRAME_BYTES_MAX) throw new ProtocolError('a frame that is longer than allowed');
      const start = at + FRAME_HEAD_BYTES;
      if (bytes.length < start + length) break;
      at = start + length;
      take(bytes[start - 6] ?? 0, bytes[start - 5] ?? 0, numberOf(bytes, start - 4), bytes.subarray(start, at));
    }
    this.#rest = at === bytes.length ? undefined : bytes.subarray(at);
  }
}
