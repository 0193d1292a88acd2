import { type FieldError, invalid, required, tooLong } from '@kcp/apimachinery/errors/field-error';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import {
  DNS1123_LABEL_MAX_BYTES,
  DNS1123_SUBDOMAIN_MAX_BYTES,
  dns1123Label,
  dns1123Subdomain,
} from '@kcp/apimachinery/validation/names';

/** The path may hold a label and a subdomain. */
const SIGNER_NAME_MAX_BYTES = 2 * DNS1123_SUBDOMAIN_MAX_BYTES + DNS1123_LABEL_MAX_BYTES + 2;

/** Faults of a signer's name, `domain.example/path` (upstream's `ValidateSignerName`). */
export function signerNameErrors(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  const [domain = '', path, ...rest] = name.split('/');
  if (path === undefined || rest.length > 0) {
    const text = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(field, name, text)];
  }
  const errors = [...domainErrors(domain, field), ...firstFault(path.split('.'), dns1123Subdomain, path, field)];
  if (Buffer.byteLength(name) > SIGNER_NAME_MAX_BYTES) errors.push(tooLong(field, SIGNER_NAME_MAX_BYTES));
  return errors;
}

function domainErrors(domain: string, field: string): FieldError[] {
  const errors =
    Buffer.byteLength(domain) > DNS1123_SUBDOMAIN_MAX_BYTES ? [tooLong(field, DNS1123_SUBDOMAIN_MAX_BYTES)] : [];
  const labels = domain.split('.');
  errors.push(...firstFault(labels, dns1123Label, domain, field));
  if (labels.length < 2) {
    errors.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'));
  }
  return errors;
}

/** What is wrong with the first label that has a fault; the others would only repeat it. */
function firstFault(
  labels: readonly string[],
  judge: (label: string) => readonly string[],
  whole: string,
  field: string,
): FieldError[] {
  for (const label of labels) {
    const faults = judge(label);
    if (faults.length === 0) continue;
    return faults.map((text) => invalid(field, whole, `validating label ${goQuote(label)}: ${text}`));
  }
  return [];
}
