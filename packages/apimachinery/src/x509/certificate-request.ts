import { readPem } from './pem.js';
import { type DerElement, DerError, readDer, readDerChildren, SEQUENCE } from './read-der.js';

/** What a certificate signing request (PKCS #10, RFC 2986) asks for. */
export interface RequestedCertificate {
  /** Empty where the subject has none. */
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly alternativeNames: AlternativeNames;
  /** The subject as it stands there, DER. */
  readonly subject: Buffer;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** The value of the subjectAltName extension, DER; undefined where there is none. */
  readonly alternativeNamesExtension: Buffer | undefined;
}

/** How many alternative names of each kind there are. */
export interface AlternativeNames {
  readonly dns: number;
  readonly email: number;
  readonly address: number;
  readonly uri: number;
}

const COMMON_NAME = '550403';
const ORGANIZATION = '55040a';
const EXTENSION_REQUEST = '2a864886f70d01090e';
const ALTERNATIVE_NAMES = '551d11';
const ATTRIBUTES = 0xa0;
/** Tags of GeneralName (RFC 5280 §4.2.1.6). */
const [EMAIL, DNS, URI, ADDRESS] = [0x81, 0x82, 0x86, 0x87];
const NOTHING: AlternativeNames = { dns: 0, email: 0, address: 0, uri: 0 };

/** Reads a request in PEM. Throws DerError, with upstream's text where it is no request at all. */
export function readCertificateRequest(pem: string): RequestedCertificate {
  const [block] = readPem(pem);
  if (block?.type !== 'CERTIFICATE REQUEST') throw new DerError('PEM block type must be CERTIFICATE REQUEST');
  const [info] = readDerChildren(readDer(block.bytes));
  const [, subject, publicKey, ...rest] = info === undefined ? [] : readDerChildren(info);
  if (subject?.tag !== SEQUENCE || publicKey?.tag !== SEQUENCE) {
    throw new DerError("asn1: structure error: tags don't match");
  }
  const names = readDerChildren(subject).flatMap(readDerChildren);
  const extension = alternativeNamesOf(rest.find(({ tag }) => tag === ATTRIBUTES));
  return {
    commonName: valuesOf(names, COMMON_NAME).at(-1) ?? '',
    organizations: valuesOf(names, ORGANIZATION),
    alternativeNames: extension === undefined ? NOTHING : countNames(readDer(extension)),
    subject: subject.whole,
    publicKey: publicKey.whole,
    alternativeNamesExtension: extension,
  };
}

function valuesOf(names: readonly DerElement[], wanted: string): string[] {
  return names.flatMap((name) => {
    const [type, value] = readDerChildren(name);
    return type?.content.toString('hex') === wanted && value !== undefined ? [value.content.toString('utf8')] : [];
  });
}

function alternativeNamesOf(attributes: DerElement | undefined): Buffer | undefined {
  if (attributes === undefined) return undefined;
  for (const attribute of readDerChildren(attributes)) {
    const [type, values] = readDerChildren(attribute);
    if (type?.content.toString('hex') !== EXTENSION_REQUEST || values === undefined) continue;
    for (const extension of readDerChildren(values).flatMap(readDerChildren)) {
      const members = readDerChildren(extension);
      if (members[0]?.content.toString('hex') === ALTERNATIVE_NAMES) return members.at(-1)?.content;
    }
  }
  return undefined;
}

function countNames(names: DerElement): AlternativeNames {
  const tags = readDerChildren(names).map(({ tag }) => tag);
  const count = (wanted: number | undefined) => tags.filter((tag) => tag === wanted).length;
  return { dns: count(DNS), email: count(EMAIL), address: count(ADDRESS), uri: count(URI) };
}
