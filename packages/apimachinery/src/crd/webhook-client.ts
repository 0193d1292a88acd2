import { type FieldError, invalid, required } from '../errors/field-error.js';
import { goQuote } from '../errors/go-quote.js';
import type { JsonObject } from '../json/value.js';
import { readNumber, readOptionalString, readString } from '../schema/read.js';
import { childPath } from '../validation/field-path.js';
import { dns1123Subdomain } from '../validation/names.js';

const PEM_BEGIN = '-----BEGIN CERTIFICATE-----';
const PEM_END = '-----END CERTIFICATE-----';
const URL_FORM = '; desired format: https://host[/path]';

/** The address of a webhook: https, with a host, without user, query or fragment. */
export function validateWebhookUrl(text: string, field: string): FieldError[] {
  const url = parseUrl(text);
  if (url === undefined) return [required(field, `url must be a valid URL: parse ${goQuote(text)}${URL_FORM}`)];
  const errors: FieldError[] = [];
  if (url.protocol !== 'https:') {
    errors.push(invalid(field, url.protocol.slice(0, -1), `'https' is the only allowed URL scheme${URL_FORM}`));
  }
  if (url.host === '') errors.push(invalid(field, url.host, `host must be specified${URL_FORM}`));
  if (url.username !== '' || url.password !== '') {
    errors.push(invalid(field, url.username, 'user information is not permitted in the URL'));
  }
  if (url.hash.length > 1) errors.push(invalid(field, url.hash.slice(1), 'fragments are not permitted in the URL'));
  if (url.search.length > 1) {
    errors.push(invalid(field, url.search.slice(1), 'query parameters are not permitted in the URL'));
  }
  return errors;
}

/** The Service in front of a webhook. */
export function validateWebhookService(service: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (readString(service, 'name') === '') errors.push(required(childPath(field, 'name'), 'service name is required'));
  if (readString(service, 'namespace') === '') {
    errors.push(required(childPath(field, 'namespace'), 'service namespace is required'));
  }
  const port = readNumber(service, 'port') ?? 443;
  if (port < 1 || port > 65535) {
    errors.push(invalid(childPath(field, 'port'), port, 'port is not valid: must be between 1 and 65535, inclusive'));
  }
  const path = readOptionalString(service, 'path');
  return path === undefined ? errors : [...errors, ...pathErrors(path, childPath(field, 'path'))];
}

/** Certificates in PEM, base64-encoded as all bytes are. */
export function validateCaBundle(base64: string, field: string): FieldError[] {
  const pem = Buffer.from(base64, 'base64').toString('latin1');
  const from = pem.indexOf(PEM_BEGIN);
  const to = pem.indexOf(PEM_END, from);
  const body = from < 0 || to < 0 ? '' : pem.slice(from + PEM_BEGIN.length, to);
  if (/^[A-Za-z0-9+/=\s]+$/.test(body)) return [];
  const text = 'unable to load root certificates: unable to parse bytes as PEM block';
  return [invalid(field, base64, text)];
}

function pathErrors(path: string, field: string): FieldError[] {
  if (path === '') return [];
  if (path === '/') return [];
  if (!path.startsWith('/')) return [invalid(field, path, "must start with a '/'")];
  const steps = (path.endsWith('/') ? path.slice(1, -1) : path.slice(1)).split('/');
  return steps.flatMap((step, index) => {
    if (step === '') return [invalid(field, path, `segment[${index}] may not be empty`)];
    return dns1123Subdomain(step).map((text) => invalid(field, path, `segment[${index}]: ${text}`));
  });
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
