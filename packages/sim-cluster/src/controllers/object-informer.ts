import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject, OwnerReference } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { Informer } from '@kcp/client/informer/informer';
import type { Environment } from '@kcp/controllers/controller/environment';

/** Index of objects by the uid of the controller that owns them. */
export const BY_CONTROLLER = 'controller';
/** Index of objects without a controller by where they are. */
export const ORPHANS = 'orphans';

/** Whole objects, but for who wrote which field: an update without that keeps what is known. */
export type ObjectInformer = Informer<KubeObject>;

/** Where an object is, for the index of orphans. */
export function placeOf(cluster: ClusterName, namespace: string): string {
  return `${cluster}/${namespace}`;
}

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** Objects of one type, found by their controllers. */
export function objectInformer(environment: Environment, resource: GroupVersionResource): ObjectInformer {
  return new Informer<KubeObject>({
    ...environment,
    resource,
    keep: withoutManagers,
    indexers: {
      [BY_CONTROLLER]: ({ value }) => {
        const owner = controllerOf(value);
        return owner === undefined ? [] : [owner.uid];
      },
      [ORPHANS]: ({ key, value }) => (controllerOf(value) === undefined ? [placeOf(key.cluster, key.namespace)] : []),
    },
    onError: (error) => environment.log.warn('objects cannot be watched', { resource: resource.resource, error }),
  });
}

function withoutManagers(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
