import { posix } from 'node:path';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readNumber, readObject, readString } from '@kcp/apimachinery/schema/read';
import { WebhookCallError } from './call-error.js';

const SERVICE_PORT = 443;

/** Where a webhook is reached and whom it must prove to be: a `clientConfig`, read once. */
export interface WebhookTarget {
  /** `https://host[:port]/path`, host and port as they were given, as they appear in error texts. */
  readonly address: string;
  /** PEM; undefined for the authorities that Node.js trusts. */
  readonly ca: string | undefined;
  /** Set for targets that are Services: there are none here, so calls fail with upstream's words for an unknown one. */
  readonly service: string | undefined;
}

/**
 * Reads a `clientConfig` (admissionregistration and apiextensions have the same). Throws WebhookCallError for one that
 * no validation lets through.
 */
export function webhookTarget(clientConfig: JsonObject): WebhookTarget {
  const ca = caOf(readString(clientConfig, 'caBundle'));
  const service = readObject(clientConfig, 'service');
  if (service !== undefined) return { address: serviceAddress(service), ca, service: readString(service, 'name') };
  const text = readString(clientConfig, 'url');
  if (text === '') throw new WebhookCallError('webhook configuration must have either service or URL');
  return { address: addressOf(text), ca, service: undefined };
}

/** The port is kept even where it is the usual one; without query and fragment, which no validated URL has. */
function addressOf(text: string): string {
  const [, authority = ''] = /^https:\/\/([^/?#]+)/i.exec(text) ?? [];
  if (authority === '' || !URL.canParse(text)) throw new WebhookCallError(`Unparsable URL: ${text}`);
  return `https://${authority}${cleanPath(new URL(text).pathname)}`;
}

function serviceAddress(service: JsonObject): string {
  const port = readNumber(service, 'port') ?? SERVICE_PORT;
  const path = readString(service, 'path');
  const host = `${readString(service, 'name')}.${readString(service, 'namespace')}.svc:${port}`;
  return `https://${host}${cleanPath(path)}`;
}

/** As Go's client joins paths: no doubled slashes, none at the end, nothing that climbs. */
function cleanPath(path: string): string {
  const joined = posix.join('/', path);
  return joined.length > 1 && joined.endsWith('/') ? joined.slice(0, -1) : joined;
}

/** Base64 to PEM; blank bundles count as none. Throws WebhookCallError for what is no certificate. */
function caOf(bundle: string): string | undefined {
  const pem = Buffer.from(bundle, 'base64').toString('utf8');
  if (pem.trim() === '') return undefined;
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  throw new WebhookCallError('unable to load root certificates: unable to parse bytes as PEM block');
}
