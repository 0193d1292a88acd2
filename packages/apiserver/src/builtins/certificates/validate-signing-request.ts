import { X509Certificate } from 'node:crypto';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '@kcp/apimachinery/errors/field-error';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { indexPath } from '@kcp/apimachinery/validation/field-path';
import { readPem } from '@kcp/apimachinery/x509/pem';
import { DerError, readDerSequence } from '@kcp/apimachinery/x509/read-der';
import { certificateRequestFault } from './certificate-request.js';
import { changedConditionErrors, conditionErrors } from './conditions.js';
import { signerNameErrors } from './signer-name.js';

const EXPIRATION_SECONDS_MIN = 600;
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

/** What an endpoint may change beyond metadata. */
export interface ChangeRules {
  /** Add conditions Approved and Denied. */
  readonly mayDecide: boolean;
  /** Set the certificate, once. */
  readonly mayIssue: boolean;
}

/** Faults of a request, after those of its metadata. What is wrong in `old` already is tolerated, as upstream does. */
export function signingRequestErrors(request: KubeObject, old?: KubeObject): FieldError[] {
  return [
    ...specErrors(specOf(request), old === undefined ? undefined : specOf(old)),
    ...conditionErrors(request, old),
    ...certificateErrors(certificateOf(request), old === undefined ? undefined : certificateOf(old)),
  ];
}

/** Faults of a change beyond those of the changed request by itself. */
export function signingRequestChangeErrors(request: KubeObject, old: KubeObject, rules: ChangeRules): FieldError[] {
  return [...changedConditionErrors(request, old, rules.mayDecide), ...changedCertificateErrors(request, old, rules)];
}

function specOf(request: KubeObject): JsonObject {
  return readObject(request, 'spec') ?? {};
}

/** The issued certificates, base64-encoded as all bytes are. */
function certificateOf(request: KubeObject): string {
  return readString(readObject(request, 'status') ?? {}, 'certificate');
}

function specErrors(spec: JsonObject, old: JsonObject | undefined): FieldError[] {
  const body = readString(spec, 'request');
  const fault = certificateRequestFault(decoded(body));
  return [
    ...(fault === undefined ? [] : [invalid('spec.request', body, fault)]),
    ...usageErrors(readStrings(spec, 'usages'), old === undefined ? [] : readStrings(old, 'usages')),
    ...signerErrors(readString(spec, 'signerName'), old),
    ...expirationErrors(readNumber(spec, 'expirationSeconds')),
  ];
}

function usageErrors(usages: readonly string[], old: readonly string[]): FieldError[] {
  if (usages.length === 0) return [required('spec.usages')];
  const errors: FieldError[] = [];
  const field = (index: number): string => indexPath('spec.usages', index);
  if (old.every((usage) => USAGES.includes(usage))) {
    for (const [index, usage] of usages.entries()) {
      if (!USAGES.includes(usage)) errors.push(notSupported(field(index), usage, USAGES));
    }
  }
  if (new Set(old).size === old.length) {
    for (const [index, usage] of usages.entries()) {
      if (usages.indexOf(usage) < index) errors.push(duplicate(field(index), usage));
    }
  }
  return errors;
}

function signerErrors(name: string, old: JsonObject | undefined): FieldError[] {
  const legacy = old !== undefined && readString(old, 'signerName') === LEGACY_SIGNER;
  if (name !== LEGACY_SIGNER || legacy) return signerNameErrors(name, 'spec.signerName');
  return [invalid('spec.signerName', name, 'the legacy signerName is not allowed via this API version')];
}

function expirationErrors(seconds: number | undefined): FieldError[] {
  if (seconds === undefined || seconds >= EXPIRATION_SECONDS_MIN) return [];
  const text = 'may not specify a duration less than 600 seconds (10 minutes)';
  return [invalid('spec.expirationSeconds', seconds, text)];
}

function certificateErrors(certificate: string, old: string | undefined): FieldError[] {
  if (certificate === old || (old !== undefined && certificateFault(decoded(old)) !== undefined)) return [];
  const fault = certificateFault(decoded(certificate));
  return fault === undefined ? [] : [invalid('status.certificate', '<certificate data>', fault)];
}

function changedCertificateErrors(request: KubeObject, old: KubeObject, { mayIssue }: ChangeRules): FieldError[] {
  const [now, before] = [certificateOf(request), certificateOf(old)];
  if (now === before) return [];
  if (!mayIssue) return [forbidden('status.certificate', 'updates may not set certificate content')];
  if (before === '') return [];
  return [forbidden('status.certificate', 'updates may not modify existing certificate content')];
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}

/** Nothing is fine, too: no certificate was issued yet. The sentences are upstream's; Go words what X.509 refuses. */
function certificateFault(pem: string): string | undefined {
  if (pem === '') return undefined;
  const blocks = readPem(pem);
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${goQuote(type)}`;
    if (hasHeaders) return 'no PEM block headers are permitted';
    const fault = x509Fault(bytes);
    if (fault !== undefined) return fault;
  }
  return blocks.length > 0 ? undefined : 'must contain at least one CERTIFICATE PEM block';
}

function x509Fault(der: Buffer): string | undefined {
  if (der.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates';
  try {
    for (const { whole } of readDerSequence(der)) new X509Certificate(whole);
    return undefined;
  } catch (error) {
    if (error instanceof DerError || (error instanceof Error && 'code' in error)) return 'x509: malformed certificate';
    throw error;
  }
}
