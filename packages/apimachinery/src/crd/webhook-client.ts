import { type FieldError, invalid, required } from '../errors/field-error.js';
import type { JsonObject } from '../json/value.js';
import { readNumber, readOptionalString, readString } from '../schema/read.js';
import { childPath } from '../validation/field-path.js';
import { type GoUrl, GoUrlError, parseGoUrl } from '../validation/go-url.js';
import { dns1123Subdomain } from '../validation/names.js';

const PEM_BEGIN = '-----BEGIN CERTIFICATE-----';
const PEM_END = '-----END CERTIFICATE-----';
const URL_FORM = '; desired format: https://host[/path]';

/** The address of a webhook: https, with a host, without user, query or fragment. */
export function validateWebhookUrl(text: string, field: string): FieldError[] {
  const url = urlOf(text);
  if (url instanceof GoUrlError) return [required(field, `url must be a valid URL: ${url.message}${URL_FORM}`)];
  const { scheme, host, user, fragment, query } = url;
  const errors: FieldError[] = [];
  if (scheme !== 'https') errors.push(invalid(field, scheme, `'https' is the only allowed URL scheme${URL_FORM}`));
  if (host === '') errors.push(invalid(field, host, `host must be specified${URL_FORM}`));
  if (user !== undefined) errors.push(invalid(field, user, 'user information is not permitted in the URL'));
  if (fragment !== '') errors.push(invalid(field, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') errors.push(invalid(field, query, 'query parameters are not permitted in the URL'));
  return errors;
}

/** The Service in front of a webhook. Upstream mixes name and namespace up, so each is missed under the other's name. */
export function validateWebhookService(service: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (readString(service, 'namespace') === '') errors.push(required(childPath(field, 'name')));
  if (readString(service, 'name') === '') errors.push(required(childPath(field, 'namespace')));
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
  if (path === '' || path === '/') return [];
  if (path === '//') return [invalid(field, path, 'segment[0] may not be empty')];
  const errors = path.startsWith('/') ? [] : [invalid(field, path, "must start with a '/'")];
  const rest = path.slice(1);
  const steps = (rest.endsWith('/') ? rest.slice(0, -1) : rest).split('/');
  for (const [index, step] of steps.entries()) {
    const faults = step === '' ? [' may not be empty'] : dns1123Subdomain(step).map((text) => `: ${text}`);
    errors.push(...faults.map((text) => invalid(field, path, `segment[${index}]${text}`)));
  }
  return errors;
}

function urlOf(text: string): GoUrl | GoUrlError {
  try {
    return parseGoUrl(text);
  } catch (error) {
    if (error instanceof GoUrlError) return error;
    throw error;
  }
}
