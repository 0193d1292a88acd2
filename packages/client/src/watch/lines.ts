import { WATCH_FRAME_BYTES_MAX } from '../limits.js';
import { TransportError } from '../transport/transport.js';

const NEWLINE = 0x0a;

/**
 * Cuts a body into its lines. What follows the last newline is part of a line that was cut off, and dropped. Throws
 * TransportError beyond WATCH_FRAME_BYTES_MAX.
 */
export async function* lines(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const tail = chunk.subarray(start, end);
      start = end + 1;
      const line = parts.length === 0 ? tail : Buffer.concat([...parts, tail]);
      parts = [];
      length = 0;
      if (line.length > 0) yield line;
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > WATCH_FRAME_BYTES_MAX)
      throw new TransportError(`a line is longer than ${WATCH_FRAME_BYTES_MAX} bytes`);
  }
}
