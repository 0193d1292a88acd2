import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Client } from '@kcp/client/rest/client';
import { type ApiSpec, apiAnnotations, apiFields, apiOfDefinition } from '../apis/api-spec.js';
import { API_IMPORT_KIND, API_IMPORTS, CLUSTER_KIND, CLUSTERS, importName } from '../apis/names.js';
import type { ClusterView } from '../apis/views.js';
import { isOfEveryServer } from '../crd-puller/kinds-of-every-server.js';
import { pullDefinitions } from '../crd-puller/pull-definitions.js';
import { IMPORTED_APIS_MAX } from '../limits.js';

/** A physical cluster serves more than is imported of one. */
export class TooManyApis extends Error {
  constructor(count: number) {
    super(`the cluster serves ${count} of the wanted APIs, ${IMPORTED_APIS_MAX} at the most are imported`);
    this.name = 'TooManyApis';
  }
}

/**
 * The APIs of a physical cluster that are to be imported, as the cluster describes them. Rejects with StatusError,
 * TransportError, GarbledDocument, or TooManyApis.
 */
export async function servedApis(
  client: Client,
  resources: readonly string[],
  signal: AbortSignal,
): Promise<readonly ApiSpec[]> {
  let count = 0;
  const skip: NonNullable<Parameters<typeof pullDefinitions>[1]>['skip'] = (kind) => {
    if (isOfEveryServer(kind)) return true;
    if (resources.length === 0 && ++count > IMPORTED_APIS_MAX) throw new TooManyApis(count);
    return false;
  };
  const { pulled } = await pullDefinitions(client, { resources, skip, signal });
  return pulled.flatMap(({ definition }) => ofDefinition(definition));
}

function ofDefinition(definition: KubeObject): ApiSpec[] {
  const [version] = readObjects(readObject(definition, 'spec') ?? {}, 'versions');
  const api = version === undefined ? undefined : apiOfDefinition(definition, readString(version, 'name'));
  return api === undefined ? [] : [api];
}

/** The import that says of an API that a physical cluster serves it. */
export function importOf(api: ApiSpec, { name, uid }: Pick<ClusterView, 'name' | 'uid'>): KubeObject {
  return {
    apiVersion: apiVersionOf(API_IMPORTS),
    kind: API_IMPORT_KIND,
    metadata: {
      name: importName(api, name),
      annotations: apiAnnotations(api),
      ownerReferences: [{ apiVersion: apiVersionOf(CLUSTERS), kind: CLUSTER_KIND, name, uid }],
    },
    spec: { ...apiFields(api), location: name, schemaUpdateStrategy: 'UpdateUnpublished' },
  };
}
