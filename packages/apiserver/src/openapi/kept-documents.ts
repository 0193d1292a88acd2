import { inTurns } from '@kcp/apimachinery/turns/turn';
import type { Work } from '@kcp/apimachinery/turns/work';
import type { EncodedDocument } from '../discovery/cluster-documents.js';

/** Documents by what they are made of, bounded by their size together; the least recently used one goes first. */
export class KeptDocuments<K> {
  readonly #bytesMax: number;
  readonly #documents = new Map<K, EncodedDocument>();
  readonly #making = new Map<K, Promise<EncodedDocument>>();
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

  /** Makes and keeps a document; whoever asks for it meanwhile waits for the same. */
  make(key: K, making: () => Work<EncodedDocument>): Promise<EncodedDocument> | EncodedDocument {
    const underWay = this.#making.get(key);
    if (underWay !== undefined) return underWay;
    const made = inTurns(making());
    if (!(made instanceof Promise)) return this.keep(key, made);
    const kept = made.then((document) => this.keep(key, document)).finally(() => this.#making.delete(key));
    this.#making.set(key, kept);
    return kept;
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
