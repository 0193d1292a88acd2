/** One element of a DER encoding. */
export interface DerElement {
  readonly tag: number;
  /** The element with its header. */
  readonly whole: Buffer;
  readonly content: Buffer;
}

export class DerError extends Error {}

export const SEQUENCE = 0x30;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OBJECT_IDENTIFIER = 0x06;

const LENGTH_BYTES_MAX = 4;

/** Reads the one element that fills `bytes`. Throws DerError. */
export function readDer(bytes: Buffer): DerElement {
  const element = elementAt(bytes, 0);
  if (element.whole.length !== bytes.length) throw new DerError('asn1: syntax error: trailing data');
  return element;
}

/** The elements within a constructed one. Throws DerError. */
export function readDerChildren({ content }: DerElement): DerElement[] {
  return readDerSequence(content);
}

/** Elements one after the other until the end of `bytes`. Throws DerError. */
export function readDerSequence(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = elementAt(bytes, at);
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

function elementAt(bytes: Buffer, at: number): DerElement {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new DerError('asn1: syntax error: data truncated');
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > LENGTH_BYTES_MAX) throw new DerError('asn1: structure error: length too large');
  const start = at + 2 + lengthBytes;
  if (start > bytes.length) throw new DerError('asn1: syntax error: data truncated');
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
  if (start + length > bytes.length) throw new DerError('asn1: syntax error: data truncated');
  return { tag, whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) };
}
