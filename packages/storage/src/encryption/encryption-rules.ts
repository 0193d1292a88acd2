import { REGISTRY_PREFIX } from '../key.js';
import type { Providers } from './providers.js';

/** Resources and how they are encrypted. */
export interface EncryptionRule {
  /** `secrets`, `widgets.example.com`, `*.example.com`, `*.` for the core group, `*.*` for everything. */
  readonly resources: readonly string[];
  readonly providers: Providers;
}

/** Finds the providers of a key: the first rule that names its resource counts. */
export class EncryptionRules {
  readonly #rules: readonly EncryptionRule[];
  /** By `group/resource` of the key. */
  readonly #found = new Map<string, Providers | undefined>();

  constructor(rules: readonly EncryptionRule[]) {
    this.#rules = rules;
  }

  /** Undefined: values under that key are stored as they are. */
  providersOf(key: string): Providers | undefined {
    const groupEnd = key.indexOf('/', REGISTRY_PREFIX.length);
    const resourceEnd = key.indexOf('/', groupEnd + 1);
    if (groupEnd < 0 || resourceEnd < 0) return undefined;
    const place = key.slice(REGISTRY_PREFIX.length, resourceEnd);
    if (this.#found.has(place)) return this.#found.get(place);
    const [group = '', resource = ''] = place.split('/');
    const providers = this.#find(group === 'core' ? '' : group, resource);
    this.#found.set(place, providers);
    return providers;
  }

  #find(group: string, resource: string): Providers | undefined {
    const names = [group === '' ? resource : `${resource}.${group}`, `${resource}.${group}`, `*.${group}`, '*.*'];
    return this.#rules.find(({ resources }) => resources.some((name) => names.includes(name)))?.providers;
  }
}
