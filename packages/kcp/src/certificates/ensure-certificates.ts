import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { CertificatePurpose } from './certificate-extensions.js';
import {
  type CertificateRequest,
  type Issuer,
  issueCertificate,
  type KeyPair,
  type Subject,
} from './issue-certificate.js';
import { type KeptPair, readPair, writePair } from './kept-pair.js';
import { type ServerNames, serverNames } from './server-names.js';

/** What the server needs to be known by and to know its administrator. Everything is PEM. */
export interface Certificates {
  /** The authority that clients trust and that client certificates are checked against. */
  readonly authority: string;
  readonly serving: KeyPair;
  /** The authority as one that signs. */
  readonly issuer: Authority;
  /** User `kcp-admin` of group `system:masters`. */
  readonly admin: KeyPair;
}

/** Who signs, and until when what it signs can be believed (milliseconds since 1970). */
export interface Authority extends Issuer {
  readonly validTo: number;
}

export interface CertificateOptions {
  /** Where the pairs are kept; undefined for a server that keeps nothing. */
  readonly directory: string | undefined;
  /** Host names and addresses that the serving certificate holds besides those of this machine. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export const ADMIN_USER = 'kcp-admin';
const ADMIN_GROUP = 'system:masters';
const AUTHORITY_SUBJECT: Subject = { commonName: 'kcp-ca', organizations: ['kcp'] };

const DAY_MS = 24 * 60 * 60 * 1_000;
const AUTHORITY_DAYS = 3_650;
const LEAF_DAYS = 365;
/** A certificate with less time left than this is renewed at a start. */
const RENEW_BEFORE_DAYS = 60;
/** How far the clock of a client may be behind ours. */
const CLOCK_SKEW_MS = 60 * 60 * 1_000;

/** Below the root directory, beside the data. */
export function certificateDirectory(rootDirectory: string): string {
  return join(rootDirectory, 'data', 'pki');
}

/**
 * Reads the certificates of a server or makes them. A leaf is renewed when it nears its end, lacks a name, or was not
 * signed by the authority; the authority only when it nears its own. Throws CertificateFault for files that are damaged,
 * and what the system says when they cannot be read or written.
 */
export function ensureCertificates(options: CertificateOptions): Certificates {
  const authority = ensureAuthority(options);
  const names = serverNames(options.names);
  const serving = ensureLeaf(options, authority, 'apiserver', servingRequest(names, options.now), (pair) =>
    holdsNames(pair, names),
  );
  const admin = ensureLeaf(options, authority, 'admin', adminRequest(options.now), () => true);
  const validTo = Date.parse(new X509Certificate(authority.certificate).validTo);
  const issuer = { subject: AUTHORITY_SUBJECT, key: authority.key, validTo };
  return { authority: authority.certificate, issuer, serving, admin };
}

/** The authority alone. Throws as `ensureCertificates` does. */
export function ensureAuthority(options: Omit<CertificateOptions, 'names'>): KeyPair {
  const kept = readKept(options, 'ca');
  if (kept !== undefined && isCurrent(kept, options.now)) return kept;
  return makePair(options, 'ca', request(AUTHORITY_SUBJECT, { kind: 'authority' }, AUTHORITY_DAYS, options.now));
}

function ensureLeaf(
  options: CertificateOptions,
  authority: KeyPair,
  name: string,
  wanted: CertificateRequest,
  suits: (pair: KeptPair) => boolean,
): KeyPair {
  const kept = readKept(options, name);
  if (kept !== undefined && isCurrent(kept, options.now) && signedBy(kept, authority) && suits(kept)) return kept;
  return makePair(options, name, wanted, authority);
}

function readKept({ directory }: Pick<CertificateOptions, 'directory'>, name: string): KeptPair | undefined {
  return directory === undefined ? undefined : readPair(directory, name);
}

function makePair(
  { directory }: Pick<CertificateOptions, 'directory'>,
  name: string,
  wanted: CertificateRequest,
  authority?: KeyPair,
): KeyPair {
  const issuer = authority === undefined ? undefined : { subject: AUTHORITY_SUBJECT, key: authority.key };
  const pair = issueCertificate(wanted, issuer);
  if (directory !== undefined) writePair(directory, name, pair);
  return pair;
}

function servingRequest({ dnsNames, addresses }: ServerNames, now: number): CertificateRequest {
  const subject = { commonName: 'kcp', organizations: [] };
  return request(subject, { kind: 'server', dnsNames, addresses }, LEAF_DAYS, now);
}

function adminRequest(now: number): CertificateRequest {
  return request({ commonName: ADMIN_USER, organizations: [ADMIN_GROUP] }, { kind: 'client' }, LEAF_DAYS, now);
}

function request(subject: Subject, purpose: CertificatePurpose, days: number, now: number): CertificateRequest {
  return { subject, purpose, validFrom: now - CLOCK_SKEW_MS, validTo: now + days * DAY_MS };
}

function isCurrent({ parsed }: KeptPair, now: number): boolean {
  return Date.parse(parsed.validFrom) <= now && now + RENEW_BEFORE_DAYS * DAY_MS < Date.parse(parsed.validTo);
}

function signedBy({ parsed }: KeptPair, authority: KeyPair): boolean {
  const issuer = new X509Certificate(authority.certificate);
  return parsed.checkIssued(issuer) && parsed.verify(issuer.publicKey);
}

function holdsNames({ parsed }: KeptPair, { dnsNames, addresses }: ServerNames): boolean {
  return (
    dnsNames.every((name) => parsed.checkHost(name) !== undefined) &&
    addresses.every((address) => parsed.checkIP(address) !== undefined)
  );
}
