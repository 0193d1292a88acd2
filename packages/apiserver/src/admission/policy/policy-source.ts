import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { MemoSlot, ResourceCache, WatchCache } from '@kcp/storage/cache';
import type { StorageResource } from '@kcp/storage/key';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import { parseStored } from '../../registry/parse-stored.js';
import { type AdmissionPolicy, compileBinding, type PolicyBinding } from './policy.js';

/** A policy in force, with its bindings. */
export interface BoundPolicy<P extends AdmissionPolicy> {
  readonly policy: P;
  readonly bindings: readonly PolicyBinding[];
}

const bindingSlot = newMemoSlot<PolicyBinding>('policy binding');

/**
 * The policies that are in force in a logical cluster, straight from the watch cache. Each is compiled once per
 * revision; a cluster without bindings costs one look. Policies and bindings come in the order of their names.
 */
export class PolicySource<P extends AdmissionPolicy> {
  readonly #cache: WatchCache;
  readonly #policies: StorageResource;
  readonly #bindings: StorageResource;
  readonly #compile: (object: KubeObject) => P;
  readonly #slot: MemoSlot<P> = newMemoSlot<P>('policy');

  /** `policies` and `bindings` are the plural resources. */
  constructor(cache: WatchCache, policies: string, bindings: string, compile: (object: KubeObject) => P) {
    this.#cache = cache;
    this.#policies = storageOf(policies);
    this.#bindings = storageOf(bindings);
    this.#compile = compile;
  }

  of(cluster: ClusterName): Promise<readonly BoundPolicy<P>[]> | readonly BoundPolicy<P>[] {
    const policies = this.#cache.loaded(this.#policies);
    const bindings = this.#cache.loaded(this.#bindings);
    if (policies !== undefined && bindings !== undefined) return this.#bound(cluster, policies, bindings);
    return Promise.all([this.#cache.resource(this.#policies), this.#cache.resource(this.#bindings)]).then((loaded) =>
      this.#bound(cluster, ...loaded),
    );
  }

  #bound(cluster: ClusterName, policies: ResourceCache, bindings: ResourceCache): readonly BoundPolicy<P>[] {
    if (bindings.count(cluster, '') === 0) return [];
    const byPolicy = new Map<string, PolicyBinding[]>();
    for (const item of bindings.list(cluster, '').items) {
      const binding = item.memo(bindingSlot, () => compileBinding(parseStored(item.bytes)));
      const others = byPolicy.get(binding.policyName);
      if (others === undefined) byPolicy.set(binding.policyName, [binding]);
      else others.push(binding);
    }
    const names = [...byPolicy.keys()].sort();
    return names.flatMap((name) => {
      const item = policies.get({ cluster, namespace: '', name });
      if (item === undefined) return [];
      const policy = item.memo(this.#slot, () => this.#compile(parseStored(item.bytes)));
      return [{ policy, bindings: byPolicy.get(name) ?? [] }];
    });
  }
}

function storageOf(resource: string): StorageResource {
  return { group: 'admissionregistration.k8s.io', resource, custom: false, namespaced: false };
}
