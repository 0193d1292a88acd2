import { WARNING_BYTES_MAX } from '../limits.js';

/** Collects what a client should be told besides the answer: each text once, bounded in all. */
export class Warnings {
  readonly #texts = new Set<string>();
  #bytes = 0;

  add(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (this.#texts.has(text) || this.#bytes + bytes > WARNING_BYTES_MAX) return;
    this.#texts.add(text);
    this.#bytes += bytes;
  }

  /** The value of the Warning header; undefined when there is none. Values are quoted as RFC 7234 says. */
  header(): string | undefined {
    if (this.#texts.size === 0) return undefined;
    return [...this.#texts].map((text) => `299 - "${quote(text)}"`).join(', ');
  }
}

/** Control characters end a header, so they become spaces; all beyond ASCII would be garbled, so it is percent-encoded. */
function quote(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f]/g, ' ')
    .replace(/["\\]/g, '\\$&')
    .replace(/[^\x20-\x7e]+/g, (part) => escapeText(part));
}

function escapeText(text: string): string {
  return [...Buffer.from(text, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
