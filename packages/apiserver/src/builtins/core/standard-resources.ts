import { type FieldError, invalid } from '@kcp/apimachinery/errors/field-error';
import { qualifiedName } from '@kcp/apimachinery/validation/names';

/** Names of countable resources without a domain that upstream knows. */
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
const COUNTED = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const QUOTA: ReadonlySet<string> = new Set([
  ...COMPUTE,
  ...COMPUTE.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  ...COUNTED,
]);
const STANDARD: ReadonlySet<string> = new Set([...QUOTA, 'storage']);
const INTEGER: ReadonlySet<string> = new Set(COUNTED);
const CONTAINER: ReadonlySet<string> = new Set(COMPUTE);
const HUGE_PAGES = ['hugepages-', 'requests.hugepages-'];

/** Upstream's `validateResourceName`: qualified, and known when it has no domain. */
export function resourceNameErrors(name: string, field: string): FieldError[] {
  const errors = qualifiedName(name).map((text) => invalid(field, name, text));
  if (errors.length > 0 || name.includes('/') || STANDARD.has(name) || isHugePages(name)) return errors;
  return [invalid(field, name, 'must be a standard resource type or fully qualified')];
}

/** Names that may stand in a ResourceQuota; `count/…` is qualified and so passes. */
export function quotaResourceErrors(name: string, field: string): FieldError[] {
  const errors = resourceNameErrors(name, field);
  if (name.includes('/') || isStandardQuotaResource(name)) return errors;
  return [...errors, invalid(field, name, 'must be a standard resource for quota')];
}

/** Names that limits of pods and containers may have. */
export function containerResourceErrors(name: string, field: string): FieldError[] {
  const errors = resourceNameErrors(name, field);
  if (name.includes('/') || CONTAINER.has(name) || name.startsWith('hugepages-')) return errors;
  return [...errors, invalid(field, name, 'must be a standard resource for containers')];
}

export function isStandardQuotaResource(name: string): boolean {
  return QUOTA.has(name) || isHugePages(name);
}

/** Measured in whole numbers: what is counted, and what others have defined. */
export function isIntegerResource(name: string): boolean {
  return INTEGER.has(name) || isExtendedResource(name);
}

export function isOvercommitAllowed(name: string): boolean {
  return isNative(name) && !name.startsWith('hugepages-');
}

function isExtendedResource(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;
}

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

function isHugePages(name: string): boolean {
  return HUGE_PAGES.some((prefix) => name.startsWith(prefix));
}
