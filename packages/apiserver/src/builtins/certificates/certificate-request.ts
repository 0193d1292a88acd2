import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { readPem } from '@kcp/apimachinery/x509/pem';
import {
  BIT_STRING,
  DerError,
  INTEGER,
  OBJECT_IDENTIFIER,
  readDer,
  readDerChildren,
  SEQUENCE,
} from '@kcp/apimachinery/x509/read-der';

/** Signature algorithm (OID in hex) → the hash that it signs; null where the algorithm hashes by itself. */
const HASHES: ReadonlyMap<string, string | null> = new Map([
  ['2a864886f70d010105', 'sha1'],
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2a8648ce3d0401', 'sha1'],
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
  ['2b6570', null],
]);

/**
 * What is wrong with a certificate signing request (PKCS #10 in PEM), undefined when it is well-formed and signed with
 * the key that it holds. The first sentence is upstream's; those about DER are close to Go's, no more.
 */
export function certificateRequestFault(pem: string): string | undefined {
  const [block] = readPem(pem);
  if (block?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST';
  try {
    return signatureFault(block.bytes);
  } catch (error) {
    if (error instanceof DerError) return error.message;
    throw error;
  }
}

function signatureFault(der: Buffer): string | undefined {
  const [info, algorithm, signature, ...rest] = readDerChildren(readDer(der));
  if (info?.tag !== SEQUENCE || algorithm?.tag !== SEQUENCE || signature?.tag !== BIT_STRING || rest.length > 0) {
    throw new DerError("asn1: structure error: tags don't match");
  }
  const [version, subject, key] = readDerChildren(info);
  if (version?.tag !== INTEGER || subject?.tag !== SEQUENCE || key?.tag !== SEQUENCE) {
    throw new DerError("asn1: structure error: tags don't match");
  }
  const [oid] = readDerChildren(algorithm);
  const hash = oid?.tag === OBJECT_IDENTIFIER ? HASHES.get(oid.content.toString('hex')) : undefined;
  const publicKey = publicKeyOf(key.whole);
  if (hash === undefined || publicKey === undefined) {
    return 'x509: cannot verify signature: algorithm unimplemented';
  }
  return verify(hash, info.whole, publicKey, signature.content.subarray(1))
    ? undefined
    : 'x509: signature is not valid';
}

/** Undefined for a key that this machine cannot read. */
function publicKeyOf(spki: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
