import { createHash } from 'node:crypto';

/**
 * Keeps equal bytes once, for as long as somebody holds them: what many objects have in common takes the room of one.
 */
export class SharedBytes {
  readonly #known = new Map<string, WeakRef<Buffer>>();
  readonly #gone = new FinalizationRegistry<string>((hash) => {
    // The same bytes may have come back since.
    if (this.#known.get(hash)?.deref() === undefined) this.#known.delete(hash);
  });

  /** The one buffer with these bytes; a copy of its own of those that are new. */
  of(bytes: Buffer): Buffer {
    const hash = createHash('sha256').update(bytes).digest('base64');
    const known = this.#known.get(hash)?.deref();
    if (known !== undefined) return known;
    const kept = Buffer.allocUnsafeSlow(bytes.length);
    bytes.copy(kept);
    this.#known.set(hash, new WeakRef(kept));
    this.#gone.register(kept, hash);
    return kept;
  }
}
