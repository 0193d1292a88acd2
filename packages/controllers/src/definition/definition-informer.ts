import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { Informer } from '@kcp/client/informer/informer';
import type { Environment } from '../controller/environment.js';
import { type DefinitionDigest, DefinitionDigests } from './definition-digest.js';

export const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };

/** Finds the definitions of one group in one logical cluster; see `groupText`. */
export const BY_GROUP = 'group';

export function groupText(cluster: ClusterName, group: string): string {
  return `${cluster}/${group}`;
}

/** The definitions of all logical clusters, shared by the controllers that deal with them. */
export function definitionInformer(environment: Environment): Informer<DefinitionDigest> {
  const digests = new DefinitionDigests();
  return new Informer<DefinitionDigest>({
    ...environment,
    resource: DEFINITIONS,
    keep: (definition) => digests.of(definition),
    indexers: { [BY_GROUP]: ({ key, value }) => [groupText(key.cluster, value.group)] },
    onError: (error) => environment.log.warn('definitions cannot be watched', { error }),
  });
}
