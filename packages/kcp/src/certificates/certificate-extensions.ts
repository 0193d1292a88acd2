import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import {
  DER_TRUE,
  derBitString,
  derExplicit,
  derImplicit,
  derInteger,
  derObjectId,
  derOctetString,
  derSequence,
} from './der.js';

/** What a certificate may be used for; each stands for one set of extensions (RFC 5280 §4.2.1). */
export type CertificatePurpose =
  | { readonly kind: 'authority' }
  | { readonly kind: 'client' }
  | { readonly kind: 'server'; readonly dnsNames: readonly string[]; readonly addresses: readonly string[] };

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/** digitalSignature, keyCertSign, cRLSign. */
const AUTHORITY_USAGE = derBitString(Buffer.from([0x86]), 1);
/** digitalSignature: all that TLS needs of an elliptic curve key. */
const LEAF_USAGE = derBitString(Buffer.from([0x80]), 7);

/** The extensions field. Keys are SubjectPublicKeyInfo in DER: the certificate's own and its issuer's. */
export function extensionsField(purpose: CertificatePurpose, ownKey: Buffer, issuerKey: Buffer): Buffer {
  return derExplicit(3, derSequence(...purposeExtensions(purpose), ...identityExtensions(ownKey, issuerKey)));
}

/** Extensions that a requester chose, within what was checked before. */
export interface RequestedExtensions {
  /** `digital signature`, `key encipherment`: in a client's certificate no other is allowed. */
  readonly usages: readonly string[];
  /** The value of subjectAltName, DER. */
  readonly alternativeNames: Buffer | undefined;
}

/** The extensions field of a client's certificate for a key that somebody else holds. */
export function requestedExtensionsField(
  { usages, alternativeNames }: RequestedExtensions,
  ownKey: Buffer,
  issuerKey: Buffer,
): Buffer {
  const bits = (usages.includes('digital signature') ? 0x80 : 0) | (usages.includes('key encipherment') ? 0x20 : 0);
  const names = alternativeNames === undefined ? [] : [extension(SUBJECT_ALTERNATIVE_NAME, false, alternativeNames)];
  return derExplicit(
    3,
    derSequence(
      extension(BASIC_CONSTRAINTS, true, derSequence()),
      ...(bits === 0 ? [] : [extension(KEY_USAGE, true, derBitString(Buffer.from([bits]), bits & 0x20 ? 5 : 7))]),
      extension(EXTENDED_KEY_USAGE, false, derSequence(derObjectId(CLIENT_AUTHENTICATION))),
      ...names,
      ...identityExtensions(ownKey, issuerKey),
    ),
  );
}

function identityExtensions(ownKey: Buffer, issuerKey: Buffer): readonly Buffer[] {
  return [
    extension(SUBJECT_KEY_IDENTIFIER, false, derOctetString(keyIdentifier(ownKey))),
    extension(AUTHORITY_KEY_IDENTIFIER, false, derSequence(derImplicit(0, keyIdentifier(issuerKey)))),
  ];
}

function purposeExtensions(purpose: CertificatePurpose): readonly Buffer[] {
  switch (purpose.kind) {
    case 'authority':
      // No path length: 0 would do for us, but someone may want to sign an intermediate with it.
      return [extension(BASIC_CONSTRAINTS, true, derSequence(DER_TRUE)), extension(KEY_USAGE, true, AUTHORITY_USAGE)];
    case 'client':
      return leafExtensions(CLIENT_AUTHENTICATION);
    case 'server':
      return [...leafExtensions(SERVER_AUTHENTICATION), extension(SUBJECT_ALTERNATIVE_NAME, false, names(purpose))];
  }
}

function leafExtensions(usage: string): readonly Buffer[] {
  return [
    extension(BASIC_CONSTRAINTS, true, derSequence()),
    extension(KEY_USAGE, true, LEAF_USAGE),
    extension(EXTENDED_KEY_USAGE, false, derSequence(derObjectId(usage))),
  ];
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return derSequence(derObjectId(id), ...(critical ? [DER_TRUE] : []), derOctetString(value));
}

function names(purpose: { readonly dnsNames: readonly string[]; readonly addresses: readonly string[] }): Buffer {
  const dns = purpose.dnsNames.map((name) => derImplicit(2, Buffer.from(name, 'ascii')));
  const addresses = purpose.addresses.map((address) => derImplicit(7, addressBytes(address)));
  return derSequence(...dns, ...addresses);
}

/** 4 or 16 bytes of an address that `node:net` has accepted. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = dottedTailAsHex(address).split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return Buffer.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** `::ffff:1.2.3.4` is the one form in which an IPv6 address holds dots. */
function dottedTailAsHex(address: string): string {
  const start = address.lastIndexOf(':') + 1;
  const tail = address.slice(start);
  if (!isIPv4(tail)) return address;
  const bytes = addressBytes(tail);
  return `${address.slice(0, start)}${bytes.readUInt16BE(0).toString(16)}:${bytes.readUInt16BE(2).toString(16)}`;
}

/** Of 160 bits, as RFC 7093 §2 derives it; any unique value would do. */
function keyIdentifier(publicKeyInfo: Buffer): Buffer {
  return createHash('sha256').update(publicKeyInfo).digest().subarray(0, 20);
}

export function positiveSerial(random: Buffer): Buffer {
  const bytes = Buffer.from(random);
  // Neither zero nor beyond 20 bytes once encoded (RFC 5280 §4.1.2.2).
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return derInteger(bytes);
}
