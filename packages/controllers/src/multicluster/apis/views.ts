import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import {
  readBoolean,
  readObject,
  readObjects,
  readOptionalString,
  readString,
  readStrings,
} from '@kcp/apimachinery/schema/read';
import { conditionsOf } from '../../controller/conditions.js';
import { readCoordinates } from './api-spec.js';
import { type ApiCoordinates, CLEANUP_FINALIZER, FORGET_ANNOTATION } from './names.js';

/** What the controllers keep of a Cluster. */
export interface ClusterView {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly source: KubeconfigSource | undefined;
  readonly deleting: boolean;
  readonly hasFinalizer: boolean;
  /** The physical cluster need not be cleaned up. */
  readonly forget: boolean;
  readonly conditions: readonly JsonObject[];
  readonly syncedResources: readonly string[];
}

/** Where the kubeconfig is. */
export type KubeconfigSource =
  | { readonly kind: 'inline'; readonly text: string }
  | { readonly kind: 'secret'; readonly namespace: string; readonly name: string; readonly key: string };

const SECRET_KEY = 'kubeconfig';

export function clusterView(object: KubeObject): ClusterView {
  const { metadata } = object;
  const status = readObject(object, 'status') ?? {};
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    generation: metadata.generation ?? 0,
    source: kubeconfigSource(readObject(object, 'spec') ?? {}),
    deleting: metadata.deletionTimestamp !== undefined,
    hasFinalizer: metadata.finalizers?.includes(CLEANUP_FINALIZER) ?? false,
    forget: metadata.annotations?.[FORGET_ANNOTATION] === 'true',
    conditions: conditionsOf(status),
    syncedResources: readStrings(status, 'syncedResources'),
  };
}

function kubeconfigSource(spec: JsonObject): KubeconfigSource | undefined {
  const text = readOptionalString(spec, 'kubeconfig');
  if (text !== undefined) return { kind: 'inline', text };
  const reference = readObject(spec, 'kubeconfigSecretRef');
  if (reference === undefined) return undefined;
  const [namespace, name] = [readString(reference, 'namespace'), readString(reference, 'name')];
  return { kind: 'secret', namespace, name, key: readString(reference, 'key') || SECRET_KEY };
}

export type UpdateStrategy = 'UpdateNever' | 'UpdateUnpublished' | 'UpdatePublished';

/** What the controllers keep of an import: everything but the schema, which is large. */
export interface ImportView {
  readonly name: string;
  readonly uid: string;
  readonly api: ApiCoordinates;
  readonly location: string;
  readonly strategy: UpdateStrategy;
  readonly generation: number;
  readonly created: string;
  readonly conditions: readonly JsonObject[];
  readonly kind: string;
  readonly namespaced: boolean;
  readonly hasStatus: boolean;
}

/** Undefined for one that is being deleted: it no longer counts. */
export function importView(object: KubeObject): ImportView | undefined {
  const { metadata } = object;
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const spec = readObject(object, 'spec') ?? {};
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    api: readCoordinates(spec),
    location: readString(spec, 'location'),
    strategy: updateStrategy(readString(spec, 'schemaUpdateStrategy')),
    generation: metadata.generation ?? 0,
    created: metadata.creationTimestamp ?? '',
    conditions: conditionsOf(readObject(object, 'status') ?? {}),
    kind: readString(spec, 'kind'),
    namespaced: readString(spec, 'scope') === 'Namespaced',
    hasStatus: readObjects(spec, 'subResources').some((one) => readString(one, 'name') === 'status'),
  };
}

/** UpdateUnpublished is the documented default; here nothing else ever means it. */
function updateStrategy(text: string): UpdateStrategy {
  return text === 'UpdateNever' || text === 'UpdatePublished' ? text : 'UpdateUnpublished';
}

/** What the controllers keep of a negotiated API: everything but the schema. */
export interface NegotiatedView {
  readonly name: string;
  readonly uid: string;
  readonly api: ApiCoordinates;
  readonly publish: boolean;
  readonly generation: number;
  readonly conditions: readonly JsonObject[];
  readonly locations: readonly string[];
}

export function negotiatedView(object: KubeObject): NegotiatedView | undefined {
  const { metadata } = object;
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const spec = readObject(object, 'spec') ?? {};
  const status = readObject(object, 'status') ?? {};
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    api: readCoordinates(spec),
    publish: readBoolean(spec, 'publish'),
    generation: metadata.generation ?? 0,
    conditions: conditionsOf(status),
    locations: readStrings(status, 'locations'),
  };
}

/** What negotiation keeps of a definition. */
export interface DefinitionView {
  readonly name: string;
  readonly group: string;
  readonly plural: string;
  readonly generation: number;
  /** Made by somebody else than the negotiation, and therefore the law. */
  readonly manual: boolean;
  /** Names of its versions that are served. */
  readonly served: readonly string[];
  readonly conditions: readonly JsonObject[];
  readonly deleting: boolean;
}

export function definitionView(object: KubeObject, isOurs: (object: KubeObject) => boolean): DefinitionView {
  const spec = readObject(object, 'spec') ?? {};
  return {
    name: object.metadata.name ?? '',
    group: readString(spec, 'group'),
    plural: readString(readObject(spec, 'names') ?? {}, 'plural'),
    generation: object.metadata.generation ?? 0,
    manual: !isOurs(object),
    served: readObjects(spec, 'versions')
      .filter((version) => readBoolean(version, 'served'))
      .map((version) => readString(version, 'name')),
    conditions: conditionsOf(readObject(object, 'status') ?? {}),
    deleting: object.metadata.deletionTimestamp !== undefined,
  };
}

/** The status of a condition; empty when it is not there. */
export function conditionStatus(conditions: readonly JsonObject[], type: string): string {
  const found = conditions.find((condition) => readString(condition, 'type') === type);
  return found === undefined ? '' : readString(found, 'status');
}
