import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { Informer } from '@kcp/client/informer/informer';
import type { Environment } from '../../controller/environment.js';
import { DEFINITIONS } from '../../definition/definition-informer.js';
import {
  API_IMPORTS,
  type ApiCoordinates,
  CLUSTERS,
  groupName,
  NEGOTIATED_API_KIND,
  NEGOTIATED_APIS,
} from './names.js';
import {
  type ClusterView,
  clusterView,
  type DefinitionView,
  definitionView,
  type ImportView,
  importView,
  type NegotiatedView,
  negotiatedView,
} from './views.js';

/** Finds whatever is about one resource of a group in a logical cluster, in any version; see `apiText`. */
export const BY_API = 'api';
/** Finds the imports of one physical cluster; see `locationText`. */
export const BY_LOCATION = 'location';

export function apiText(cluster: ClusterName, { plural, group }: Pick<ApiCoordinates, 'plural' | 'group'>): string {
  return `${cluster}/${plural}.${groupName(group)}`;
}

export function locationText(cluster: ClusterName, location: string): string {
  return `${cluster}/${location}`;
}

/** The collections of all logical clusters that the multi-cluster controllers share. */
export interface Informers {
  readonly clusters: Informer<ClusterView>;
  readonly imports: Informer<ImportView>;
  readonly negotiated: Informer<NegotiatedView>;
  readonly definitions: Informer<DefinitionView>;
}

export function multiclusterInformers(environment: Environment): Informers {
  const onError = (what: string) => (error: unknown) => environment.log.warn(`${what} cannot be watched`, { error });
  return {
    clusters: new Informer({
      ...environment,
      resource: CLUSTERS,
      keep: clusterView,
      onError: onError('clusters'),
    }),
    imports: new Informer({
      ...environment,
      resource: API_IMPORTS,
      keep: importView,
      indexers: {
        [BY_API]: ({ key, value }) => [apiText(key.cluster, value.api)],
        [BY_LOCATION]: ({ key, value }) => [locationText(key.cluster, value.location)],
      },
      onError: onError('imports of APIs'),
    }),
    negotiated: new Informer({
      ...environment,
      resource: NEGOTIATED_APIS,
      keep: negotiatedView,
      indexers: { [BY_API]: ({ key, value }) => [apiText(key.cluster, value.api)] },
      onError: onError('negotiated APIs'),
    }),
    definitions: new Informer({
      ...environment,
      resource: DEFINITIONS,
      keep: (object) => definitionView(object, isNegotiated),
      onError: onError('definitions'),
    }),
  };
}

/** A definition that the negotiation made. */
export function isNegotiated({ metadata }: KubeObject): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({ kind, apiVersion }) => kind === NEGOTIATED_API_KIND && apiVersion.startsWith(`${NEGOTIATED_APIS.group}/`),
  );
}
