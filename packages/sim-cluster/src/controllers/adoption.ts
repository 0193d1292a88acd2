import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { LabelSelector } from '@kcp/apimachinery/selectors/label-selector';
import type { Environment } from '@kcp/controllers/controller/environment';
import { unlessGone } from '@kcp/controllers/controller/unless-gone';
import { BY_CONTROLLER, type ObjectInformer, ORPHANS, placeOf } from './object-informer.js';
import { controllerReference, isDeleted } from './pod-facts.js';

export interface Claim {
  readonly environment: Environment;
  readonly resource: GroupVersionResource;
  readonly informer: ObjectInformer;
  readonly cluster: ClusterName;
  readonly owner: KubeObject;
  readonly selector: LabelSelector;
  readonly signal: AbortSignal;
}

/**
 * The objects that belong to an owner: its own as long as they match, and what matches and belongs to nobody, which it
 * takes over. What no longer matches is let go (upstream's ControllerRefManager).
 */
export async function claimObjects(claim: Claim): Promise<KubeObject[]> {
  const { informer, owner, cluster, selector } = claim;
  const { uid = '', namespace = '' } = owner.metadata;
  const own = informer.indexed(BY_CONTROLLER, uid).map(({ value }) => value);
  const kept = own.filter((object) => selector.matches(object.metadata.labels));
  if (isDeleted(owner)) return kept;
  for (const object of own) {
    if (!selector.matches(object.metadata.labels) && !isDeleted(object)) await release(claim, object);
  }
  const orphans = informer
    .indexed(ORPHANS, placeOf(cluster, namespace))
    .map(({ value }) => value)
    .filter((object) => !isDeleted(object) && selector.matches(object.metadata.labels));
  for (const object of orphans) {
    const adopted = await adopt(claim, object);
    if (adopted !== undefined) kept.push(adopted);
  }
  return kept;
}

function adopt(claim: Claim, object: KubeObject): Promise<KubeObject | undefined> {
  const references = [...(object.metadata.ownerReferences ?? []), controllerReference(claim.owner)];
  return change(claim, object, references);
}

function release(claim: Claim, object: KubeObject): Promise<KubeObject | undefined> {
  const references = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== claim.owner.metadata.uid);
  return change(claim, object, references);
}

async function change(
  { environment, resource, informer, cluster, signal }: Claim,
  object: KubeObject,
  ownerReferences: NonNullable<KubeObject['metadata']['ownerReferences']>,
): Promise<KubeObject | undefined> {
  const { name = '', namespace, uid = '' } = object.metadata;
  const value = { metadata: { uid, ownerReferences } };
  const client = environment.client.in(cluster);
  const patched = await unlessGone(client.patch(resource, { namespace, name }, { type: 'merge', value }, { signal }));
  if (patched !== undefined) informer.observe(cluster, patched);
  return patched;
}
