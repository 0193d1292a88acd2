import { API_APPROVED_ANNOTATION, isProtectedGroup } from '@kcp/apimachinery/crd/api-approval';
import { CORE_GROUP_SUFFIX } from '@kcp/apimachinery/crd/validate';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { ServedKind } from './discover-kinds.js';
import { openObject } from './special-schemas.js';

/** Under which definitions in Kubernetes' own groups may be made elsewhere; kcp's since its beginning. */
const APPROVAL = 'https://github.com/kcp-dev/kubernetes/pull/4';

/** What a definition says of objects, beyond the names of their kind. */
export interface DefinitionBody {
  readonly schema: JsonObject;
  readonly columns: readonly JsonObject[];
}

/** The name of the definition of a resource: `pods.core`, `deployments.apps`. */
export function definitionName({ plural, group }: Pick<ServedKind, 'plural' | 'group'>): string {
  return `${plural}.${group === '' ? CORE_GROUP_SUFFIX : group}`;
}

/** The CustomResourceDefinition of a kind, with one version that is served and stored. */
export function definitionOf(kind: ServedKind, { schema, columns }: DefinitionBody): KubeObject {
  const { group, version, shortNames, categories } = kind;
  const annotations = isProtectedGroup(group) ? { annotations: { [API_APPROVED_ANNOTATION]: APPROVAL } } : {};
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: definitionName(kind), ...annotations },
    spec: {
      group,
      names: {
        plural: kind.plural,
        singular: kind.singular === '' ? kind.kind.toLowerCase() : kind.singular,
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
        ...(categories.length === 0 ? {} : { categories: [...categories] }),
      },
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          ...(columns.length === 0 ? {} : { additionalPrinterColumns: [...columns] }),
          ...subresources(kind),
        },
      ],
    },
  };
}

function subresources({ subresources: has }: ServedKind): JsonObject {
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  const all = { ...(has.has('status') ? { status: {} } : {}), ...(has.has('scale') ? { scale } : {}) };
  return Object.keys(all).length === 0 ? {} : { subresources: all };
}

/**
 * What a definition of the cluster's own says of one version. A schema that is not structural, or none, becomes an
 * object that keeps everything. Undefined when it has no such version.
 */
export function bodyOfDefinition(definition: KubeObject, version: string): DefinitionBody | undefined {
  const spec = readObject(definition, 'spec') ?? {};
  const found = readObjects(spec, 'versions').find((one) => readString(one, 'name') === version);
  if (found === undefined) return undefined;
  const conditions = readObjects(readObject(definition, 'status') ?? {}, 'conditions');
  const broken = conditions.some((one) => one.type === 'NonStructuralSchema' && one.status === 'True');
  const schema = readObject(readObject(found, 'schema') ?? {}, 'openAPIV3Schema');
  return {
    schema: broken || schema === undefined ? openObject() : schema,
    columns: readObjects(found, 'additionalPrinterColumns'),
  };
}
