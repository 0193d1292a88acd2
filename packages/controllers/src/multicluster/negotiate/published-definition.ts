import { API_APPROVED_ANNOTATION, isProtectedGroup } from '@kcp/apimachinery/crd/api-approval';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject, OwnerReference } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { compareVersions } from '@kcp/apimachinery/meta/version-priority';
import { readObject, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { type ApiSpec, nameFields } from '../apis/api-spec.js';
import { definitionNameOf, NEGOTIATED_API_KIND, NEGOTIATED_APIS } from '../apis/names.js';

/** Under which definitions in Kubernetes' own groups may be made elsewhere; kcp's since its beginning. */
const APPROVAL = 'https://github.com/kcp-dev/kubernetes/pull/4';

/** A negotiated API that is to be served. */
export interface PublishedApi {
  readonly api: ApiSpec;
  readonly owner: { readonly name: string; readonly uid: string };
}

/**
 * The definition by which negotiated APIs of one resource are served: each a version, the highest one stored. A version
 * that objects were stored in stays, unserved, when it is published no longer. `published` is not empty. Returns
 * `existing` itself when it says all that already.
 */
export function publishedDefinition(published: readonly PublishedApi[], existing: KubeObject | undefined): KubeObject {
  const sorted = [...published].sort((a, b) => compareVersions(a.api.version, b.api.version));
  const first = sorted[0];
  if (first === undefined) throw new TypeError('a definition needs a version');
  const wanted = definitionOf(first.api, sorted, existing);
  return existing !== undefined && says(existing, wanted) ? existing : wanted;
}

function definitionOf(
  first: ApiSpec,
  published: readonly PublishedApi[],
  existing: KubeObject | undefined,
): KubeObject {
  const annotations = isProtectedGroup(first.group) ? { [API_APPROVED_ANNOTATION]: APPROVAL } : {};
  const known = readObjects(readObject(existing ?? {}, 'spec') ?? {}, 'versions');
  const versions = published.map(({ api }, at) => versionOf(api, at === 0, known));
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    ...existing,
    metadata: {
      ...existing?.metadata,
      name: definitionNameOf(first),
      annotations: { ...existing?.metadata.annotations, ...annotations },
      ownerReferences: published.map(({ owner }) => ownerReference(owner)),
    },
    spec: {
      ...readObject(existing ?? {}, 'spec'),
      group: first.group,
      scope: first.scope,
      names: nameFields(first),
      versions: [...versions, ...retired(existing, known, published)],
    },
  };
}

function versionOf(api: ApiSpec, storage: boolean, known: readonly JsonObject[]): JsonObject {
  const defaulted = known.find((version) => readString(version, 'name') === api.version);
  return {
    name: api.version,
    served: true,
    storage,
    schema: { openAPIV3Schema: api.schema },
    ...subresourcesOf(api, defaulted),
    ...(api.columns.length === 0 ? {} : { additionalPrinterColumns: [...api.columns] }),
  };
}

const SCALE = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };

/** A scale keeps the paths that it has. */
function subresourcesOf({ subresources }: ApiSpec, known: JsonObject | undefined): JsonObject {
  const scale = readObject(readObject(known ?? {}, 'subresources') ?? {}, 'scale') ?? SCALE;
  const found: JsonObject = {
    ...(subresources.includes('status') ? { status: {} } : {}),
    ...(subresources.includes('scale') ? { scale } : {}),
  };
  return Object.keys(found).length === 0 ? {} : { subresources: found };
}

/** Objects may be stored in them still, so that they cannot go. */
function retired(
  existing: KubeObject | undefined,
  known: readonly JsonObject[],
  published: readonly PublishedApi[],
): JsonObject[] {
  const stored = readStrings(readObject(existing ?? {}, 'status') ?? {}, 'storedVersions');
  return known
    .filter((version) => stored.includes(readString(version, 'name')))
    .filter((version) => !published.some(({ api }) => api.version === readString(version, 'name')))
    .map((version) => ({ ...version, served: false, storage: false }));
}

function ownerReference({ name, uid }: PublishedApi['owner']): OwnerReference {
  return { apiVersion: apiVersionOf(NEGOTIATED_APIS), kind: NEGOTIATED_API_KIND, name, uid };
}

/** What the server added by itself does not count. */
function says(existing: KubeObject, wanted: KubeObject): boolean {
  return (
    deepEqual(existing.metadata.ownerReferences, wanted.metadata.ownerReferences) &&
    deepEqual(ownPart(existing), ownPart(wanted))
  );
}

function ownPart({ spec }: JsonObject): JsonObject {
  const { group, scope, names, versions } = readObject({ spec }, 'spec') ?? {};
  return { group, scope, names, versions };
}
