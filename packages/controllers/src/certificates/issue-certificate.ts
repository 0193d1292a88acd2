import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { readCertificateRequest } from '@kcp/apimachinery/x509/certificate-request';
import type { Client } from '@kcp/client/rest/client';
import { conditionsOf, withCondition } from '../controller/conditions.js';
import { unlessGone } from '../controller/unless-gone.js';
import { CERTIFICATE_BACKDATE_MS, CERTIFICATE_MS_MAX, CERTIFICATE_MS_MIN } from '../limits.js';
import { clientFault } from './client-certificate.js';
import type { Signer } from './signer.js';
import { REQUESTS, specOf } from './signing-request.js';

/**
 * Writes the certificate that an approved request asks for, or why there will be none. Throws DerError for a request
 * that is none.
 */
export async function issueCertificate(
  client: Client,
  request: KubeObject,
  signer: Signer,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  const spec = specOf(request);
  const usages = readStrings(spec, 'usages');
  const requested = readCertificateRequest(Buffer.from(readString(spec, 'request'), 'base64').toString());
  const fault = clientFault(readString(spec, 'signerName'), requested, usages);
  const status = readObject(request, 'status') ?? {};
  if (fault !== undefined) {
    const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: fault } as const;
    const conditions = withCondition(conditionsOf(status), failed, now);
    await write(client, request, { ...status, conditions }, signal);
    return;
  }
  const validTo = now + durationMs(readNumber(spec, 'expirationSeconds'));
  const certificate = await signer.sign({ requested, usages, validFrom: now - CERTIFICATE_BACKDATE_MS, validTo });
  await write(client, request, { ...status, certificate: Buffer.from(certificate).toString('base64') }, signal);
}

function write(client: Client, request: KubeObject, status: KubeObject['status'], signal: AbortSignal) {
  const wanted = { ...request, ...(status === undefined ? {} : { status }) };
  return unlessGone(client.update(REQUESTS, wanted, { subresource: 'status', signal }));
}

/** What was asked for, within upstream's bounds; the longest when nothing was. */
function durationMs(seconds: number | undefined): number {
  if (seconds === undefined) return CERTIFICATE_MS_MAX;
  return Math.min(CERTIFICATE_MS_MAX, Math.max(CERTIFICATE_MS_MIN, seconds * 1_000));
}
