import { compareQuantities, parseQuantity } from '@kcp/apimachinery/quantity/quantity';
import type { ResourceType } from '../../registry/resource-type.js';

/** Amounts by the names that quotas know them by, as quantities. */
export type Amounts = Readonly<Record<string, string>>;

/** Resources of the core group that quotas also count by their bare names. */
const BARE: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

/** What one more object of a type costs, empty for what no quota counts: questions, views and events. */
export function chargesOf({ gvk, names, backing, namespaced }: ResourceType): readonly string[] {
  if (!namespaced || backing.kind !== 'store' || names.plural === 'events') return [];
  if (gvk.group !== '') return [`count/${names.plural}.${gvk.group}`];
  return BARE.has(names.plural) ? [`count/${names.plural}`, names.plural] : [`count/${names.plural}`];
}

/** Those of the names whose use is above what is allowed. */
export function exceeded(names: readonly string[], used: Amounts, hard: Amounts): string[] {
  return names.filter((name) => {
    const [use, limit] = [used[name], hard[name]];
    return use !== undefined && limit !== undefined && compareQuantities(parseQuantity(use), parseQuantity(limit)) > 0;
  });
}

/** `configmaps=10,secrets=3`: the amounts of some names, sorted by them. */
export function amountsText(names: readonly string[], amounts: Amounts): string {
  return [...names]
    .sort()
    .map((name) => `${name}=${amounts[name] ?? '0'}`)
    .join(',');
}
