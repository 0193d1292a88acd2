import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  type CertificatePurpose,
  extensionsField,
  positiveSerial,
  type RequestedExtensions,
  requestedExtensionsField,
} from './certificate-extensions.js';
import {
  derBitString,
  derExplicit,
  derInteger,
  derObjectId,
  derSequence,
  derSet,
  derTime,
  derUtf8String,
} from './der.js';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface Subject {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

export interface CertificateRequest {
  readonly subject: Subject;
  readonly purpose: CertificatePurpose;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** Who signs: the subject of an authority and its PEM key. */
export interface Issuer {
  readonly subject: Subject;
  readonly key: string;
}

/** What is to be certified of a key that somebody else holds. */
export interface KeyRequest extends RequestedExtensions {
  /** DER. */
  readonly subject: Buffer;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const ECDSA_WITH_SHA256 = derSequence(derObjectId('1.2.840.10045.4.3.2'));
const VERSION_3 = derExplicit(0, derInteger(Buffer.from([2])));
const SERIAL_BYTES = 16;
const PEM_LINE = 64;

/**
 * Makes a P-256 key and an X.509 v3 certificate for it, signed by `issuer`, or by itself when there is none. Node can
 * read certificates but not write them, and a library for it would take longer to load than this takes to run.
 */
export function issueCertificate(request: CertificateRequest, issuer?: Issuer): KeyPair {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = issuer === undefined ? privateKey : createPrivateKey(issuer.key);
  const ownKey = publicKeyInfo(privateKey);
  const content = {
    issuer: distinguishedName(issuer?.subject ?? request.subject),
    validFrom: request.validFrom,
    validTo: request.validTo,
    subject: distinguishedName(request.subject),
    publicKey: ownKey,
    extensions: extensionsField(request.purpose, ownKey, publicKeyInfo(signer)),
  };
  return {
    certificate: signCertificate(content, signer),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** A certificate for a key that somebody else holds; names and key are DER as he sent them. */
export function certifyKey(request: KeyRequest, issuer: Issuer): string {
  const signer = createPrivateKey(issuer.key);
  const { validFrom, validTo, subject, publicKey } = request;
  const extensions = requestedExtensionsField(request, publicKey, publicKeyInfo(signer));
  const content = { issuer: distinguishedName(issuer.subject), validFrom, validTo, subject, publicKey, extensions };
  return signCertificate(content, signer);
}

function publicKeyInfo(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
}

/** What differs between certificates, in DER but for the times. */
interface CertificateContent {
  readonly issuer: Buffer;
  readonly validFrom: number;
  readonly validTo: number;
  readonly subject: Buffer;
  readonly publicKey: Buffer;
  readonly extensions: Buffer;
}

/** TBSCertificate of RFC 5280 §4.1 and its signature, PEM. */
function signCertificate(content: CertificateContent, signer: KeyObject): string {
  const body = derSequence(
    VERSION_3,
    positiveSerial(randomBytes(SERIAL_BYTES)),
    ECDSA_WITH_SHA256,
    content.issuer,
    derSequence(derTime(new Date(content.validFrom)), derTime(new Date(content.validTo))),
    content.subject,
    content.publicKey,
    content.extensions,
  );
  const signature = derBitString(sign('sha256', body, signer));
  return pem('CERTIFICATE', derSequence(body, ECDSA_WITH_SHA256, signature));
}

function distinguishedName({ commonName, organizations }: Subject): Buffer {
  const attribute = (type: string, value: string) => derSet(derSequence(derObjectId(type), derUtf8String(value)));
  return derSequence(...organizations.map((name) => attribute(ORGANIZATION, name)), attribute(COMMON_NAME, commonName));
}

function pem(label: string, der: Buffer): string {
  const base64 = der.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < base64.length; at += PEM_LINE) lines.push(base64.slice(at, at + PEM_LINE));
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
