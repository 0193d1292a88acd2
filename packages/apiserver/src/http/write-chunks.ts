import type { Writable } from 'node:stream';

/** Writes a long body piece by piece, at the pace of the client, and ends it. */
export function writeChunks(stream: Writable, chunks: readonly Buffer[]): void {
  let next = 0;
  const pump = (): void => {
    while (next < chunks.length) {
      if (stream.destroyed) return;
      const chunk = chunks[next++];
      if (chunk && !stream.write(chunk)) {
        stream.once('drain', pump);
        return;
      }
    }
    stream.end();
  };
  pump();
}
