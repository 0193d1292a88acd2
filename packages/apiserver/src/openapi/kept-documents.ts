import type { EncodedDocument } from '../discovery/cluster-documents.js';

/** Documents by what they are made of, bounded by their size together; the least recently used one goes first. */
export class KeptDocuments<K> {
  readonly #bytesMax: number;
  readonly #documents = new Map<K, EncodedDocument>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get(key: K): EncodedDocument | undefined {
    const document = this.#documents.get(key);
    if (document === undefined) return undefined;
    this.#documents.delete(key);
    this.#documents.set(key, document);
    return document;
  }

  keep(key: K, document: EncodedDocument): EncodedDocument {
    this.#drop(key);
    this.#documents.set(key, document);
    this.#bytes += document.bytes.length;
    for (const oldest of this.#documents.keys()) {
      if (this.#bytes <= this.#bytesMax || oldest === key) break;
      this.#drop(oldest);
    }
    return document;
  }

  #drop(key: K): void {
    const document = this.#documents.get(key);
    if (document === undefined) return;
    this.#documents.delete(key);
    this.#bytes -= document.bytes.length;
  }
}
