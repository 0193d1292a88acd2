import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { LabelSelector } from '@kcp/apimachinery/selectors/label-selector';
import type { Change } from '@kcp/client/informer/informer';
import type { ObjectKey } from '@kcp/client/informer/object-key';
import { controllerOf, type ObjectInformer } from './object-informer.js';
import { specOf } from './pod-facts.js';

export interface OwnerWatch {
  readonly owned: ObjectInformer;
  readonly owners: ObjectInformer;
  /** The kind of the owners. */
  readonly kind: string;
  selectorOf(spec: JsonObject): LabelSelector;
  enqueue(key: ObjectKey): void;
}

/** Enqueues the owner of each object that changes, and those who may adopt one that has none. */
export function enqueueOwners({ owned, owners, kind, selectorOf, enqueue }: OwnerWatch): void {
  owned.subscribe(({ key, before, after }: Change<KubeObject>) => {
    const names = new Set([before, after].flatMap((entry) => ownerName(entry?.value, kind)));
    for (const name of names) enqueue({ ...key, name });
    if (after === undefined || controllerOf(after.value) !== undefined) return;
    for (const { key: owner, value } of owners.entries(key.cluster)) {
      if (owner.namespace !== key.namespace) continue;
      if (selectorOf(specOf(value)).matches(after.value.metadata.labels)) enqueue(owner);
    }
  });
}

function ownerName(object: KubeObject | undefined, kind: string): string[] {
  const owner = object === undefined ? undefined : controllerOf(object);
  return owner?.kind === kind ? [owner.name] : [];
}
