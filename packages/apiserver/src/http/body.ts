import type { Readable } from 'node:stream';
import { newRequestEntityTooLarge, type StatusError } from '@kcp/apimachinery/errors/status-error';

/** Reads a whole body, bounded. Throws StatusError 413 as soon as it is too long, without reading on. */
export function readBody(stream: Readable, declaredLength: string | undefined, maxBytes: number): Promise<Buffer> {
  if (Number(declaredLength) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      stream.pause();
      reject(tooLarge(maxBytes));
    });
    stream.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    stream.once('error', reject);
    // Every stream closes; only one that has not ended was cut off.
    stream.once(
      'close',
      () => stream.readableEnded || reject(new Error('the client went away in the middle of the body')),
    );
  });
}

function tooLarge(maxBytes: number): StatusError {
  return newRequestEntityTooLarge(`Request entity too large: limit is ${maxBytes}`);
}
