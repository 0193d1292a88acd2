import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { CachedObject, ResourceCache, WatchCache } from '@kcp/storage/cache';
import type { StorageResource } from '@kcp/storage/key';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import { admissionForbidden } from '../forbidden.js';
import { aboveMaximum, aboveRatio, belowMinimum, type Demand, requestAboveMaximum } from './constraints.js';
import { containerDemands, demandOf, fillDemands, podDemand, resourceList } from './pod-resources.js';

const LIMIT_RANGES: StorageResource = { group: '', resource: 'limitranges', custom: false, namespaced: true };
const limitsSlot = newMemoSlot<readonly JsonObject[]>('limits');

type Constraint = (type: string, name: string, bound: string, demand: Demand) => string | undefined;
const OF_PODS: readonly (readonly [string, Constraint])[] = [
  ['min', belowMinimum],
  ['max', aboveMaximum],
  ['maxLimitRequestRatio', aboveRatio],
];
const OF_CLAIMS: typeof OF_PODS = [
  ['min', belowMinimum],
  ['max', requestAboveMaximum],
];

/**
 * Holds pods and claims to the LimitRanges of their namespace, and gives containers what these say by default. No such
 * types are built in: it is for those that a definition of the core group brings.
 */
export class LimitRanger implements AdmissionPlugin {
  readonly name = 'LimitRanger';
  readonly #cache: WatchCache;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  admit(attributes: AdmissionAttributes): Promise<void> | void {
    const { object, operation } = attributes;
    if (object === undefined || operation !== 'CREATE' || !isLimited(attributes, 'Pod')) return;
    return this.#withLimits(attributes, (ranges) => {
      for (const limits of ranges) fillDemands(object, defaultsOf(limits));
    });
  }

  validate(attributes: AdmissionAttributes): Promise<void> | void {
    const { object, operation, old } = attributes;
    const pods = operation === 'CREATE' && isLimited(attributes, 'Pod');
    const claims = operation !== 'DELETE' && isLimited(attributes, 'PersistentVolumeClaim');
    if (object === undefined || old?.metadata.deletionTimestamp !== undefined || !(pods || claims)) return;
    return this.#withLimits(attributes, (ranges) => {
      for (const limits of ranges) {
        const faults = limits.flatMap((limit) => (pods ? podFaults(limit, object) : claimFaults(limit, object)));
        if (faults.length > 0) throw admissionForbidden(attributes, aggregate(faults));
      }
    });
  }

  #withLimits(
    { cluster, namespace }: AdmissionAttributes,
    use: (ranges: readonly (readonly JsonObject[])[]) => void,
  ): Promise<void> | void {
    const useAll = (ranges: ResourceCache): void => use(ranges.list(cluster, namespace).items.map(limitsOf));
    const loaded = this.#cache.loaded(LIMIT_RANGES);
    return loaded === undefined ? this.#cache.resource(LIMIT_RANGES).then(useAll) : useAll(loaded);
  }
}

function isLimited({ type, subresource }: AdmissionAttributes, kind: string): boolean {
  return type.gvk.group === '' && type.gvk.kind === kind && subresource === '';
}

function limitsOf(range: CachedObject): readonly JsonObject[] {
  return range.memo(limitsSlot, () => readObjects(readObject(range.parse(), 'spec') ?? {}, 'limits'));
}

/** What a range gives to containers that ask for nothing. */
function defaultsOf(limits: readonly JsonObject[]): Demand {
  const own = limits.filter((limit) => readString(limit, 'type') === 'Container');
  const merged = (member: string) => Object.assign({}, ...own.map((limit) => resourceList(limit, member)));
  return { requests: merged('defaultRequest'), limits: merged('default') };
}

function podFaults(limit: JsonObject, pod: KubeObject): string[] {
  switch (readString(limit, 'type')) {
    case 'Container':
      return containerDemands(pod).flatMap((demand) => faultsOf(limit, demand, OF_PODS));
    case 'Pod':
      return faultsOf(limit, podDemand(pod), OF_PODS);
    default:
      return [];
  }
}

function claimFaults(limit: JsonObject, claim: KubeObject): string[] {
  if (readString(limit, 'type') !== 'PersistentVolumeClaim') return [];
  return faultsOf(limit, demandOf(readObject(claim, 'spec') ?? {}), OF_CLAIMS);
}

function faultsOf(limit: JsonObject, demand: Demand, constraints: typeof OF_PODS): string[] {
  const type = readString(limit, 'type');
  return constraints.flatMap(([member, constraint]) =>
    Object.entries(resourceList(limit, member)).flatMap(([name, bound]) => constraint(type, name, bound, demand) ?? []),
  );
}

/** As Go's aggregate of errors reads. */
function aggregate(faults: readonly string[]): string {
  const [only = ''] = faults;
  return faults.length === 1 ? only : `[${faults.join(', ')}]`;
}
