import { RESPONSE_CHUNK_BYTES } from '../limits.js';

/** Collects text and bytes into buffers of a bounded size, each piece copied once. */
export class ByteWriter {
  readonly #done: Buffer[] = [];
  #chunk = Buffer.allocUnsafe(RESPONSE_CHUNK_BYTES);
  #used = 0;

  /** `text` may hold any characters. */
  text(text: string): void {
    // A UTF-16 unit needs three bytes of UTF-8 at the most.
    if (text.length * 3 > this.#chunk.length - this.#used) {
      this.bytes(Buffer.from(text, 'utf8'));
      return;
    }
    this.#used += this.#chunk.write(text, this.#used, 'utf8');
  }

  bytes(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      if (this.#used === this.#chunk.length) this.#flush();
      const count = Math.min(bytes.length - from, this.#chunk.length - this.#used);
      this.#chunk.set(bytes.subarray(from, from + count), this.#used);
      this.#used += count;
      from += count;
    }
  }

  /** Everything so far; the writer is spent. */
  finish(): Buffer[] {
    if (this.#used > 0) this.#done.push(this.#chunk.subarray(0, this.#used));
    return this.#done;
  }

  #flush(): void {
    this.#done.push(this.#chunk);
    this.#chunk = Buffer.allocUnsafe(RESPONSE_CHUNK_BYTES);
    this.#used = 0;
  }
}
