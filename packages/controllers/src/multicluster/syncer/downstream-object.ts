import type { KubeObject, OwnerReference } from '@kcp/apimachinery/meta/object';
import { portableAnnotations, SYNC_UP_ANNOTATION, SYNCED_FROM_ANNOTATION } from '../sync-names.js';

/** The uid, in the physical cluster, of an owner; undefined for one that is not there. */
type OwnerUid = (reference: OwnerReference) => string | undefined;

/**
 * What an object is to be in a physical cluster: everything but its status, with its labels, its annotations except those
 * that are about the object where it is, and those of its owners that are there too.
 */
export function downstreamObject(object: KubeObject, source: string, ownerUid: OwnerUid): KubeObject {
  const { metadata, status: _, ...content } = object;
  const { [SYNC_UP_ANNOTATION]: __, ...annotations } = portableAnnotations(metadata.annotations);
  const ownerReferences = mappedOwners(metadata.ownerReferences ?? [], ownerUid);
  const { name = '', namespace = '', labels = {} } = metadata;
  return {
    ...content,
    metadata: {
      name,
      namespace,
      labels,
      annotations: { ...annotations, [SYNCED_FROM_ANNOTATION]: source },
      ...(ownerReferences.length === 0 ? {} : { ownerReferences }),
    },
  };
}

function mappedOwners(references: readonly OwnerReference[], ownerUid: OwnerUid): OwnerReference[] {
  return references.flatMap((reference) => {
    const uid = ownerUid(reference);
    return uid === undefined ? [] : [{ ...reference, uid }];
  });
}

/** True for an object that the syncer of this logical cluster made, even when somebody took its marks off. */
export function isMadeBy({ metadata }: KubeObject, source: string, manager: string): boolean {
  const from = metadata.annotations?.[SYNCED_FROM_ANNOTATION];
  if (from !== undefined) return from === source;
  return (metadata.managedFields ?? []).some((entry) => entry.manager === manager && entry.operation === 'Apply');
}
