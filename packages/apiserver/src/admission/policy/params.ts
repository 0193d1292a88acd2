import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { selectorOfObject } from '@kcp/apimachinery/selectors/label-selector-object';
import type { CachedObject, WatchCache } from '@kcp/storage/cache';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import type { ResourceCatalog } from '../../registry/catalog.js';
import { parseStored } from '../../registry/parse-stored.js';
import type { ResourceType } from '../../registry/resource-type.js';
import type { AdmissionAttributes } from '../admission.js';
import type { PolicyBinding } from './policy.js';

/** Parameters cannot be had; the message says why. What follows is up to the policy's failurePolicy. */
export class ParamError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ParamError';
  }
}

const parsedSlot = newMemoSlot<{ readonly type: ResourceType; readonly value: JsonObject }>('parameters');

/** The kind of a policy's parameters, which may be a custom one that comes and goes. */
export class ParamKind {
  readonly #apiVersion: string;
  readonly #kind: string;
  #found: { readonly generation: number; readonly type: ResourceType | undefined } | undefined;

  constructor(paramKind: JsonObject) {
    this.#apiVersion = readString(paramKind, 'apiVersion');
    this.#kind = readString(paramKind, 'kind');
  }

  /** Looked up again only when the cluster's types have changed. */
  type(cluster: ClusterName, catalog: ResourceCatalog): ResourceType {
    const generation = catalog.generation(cluster);
    if (this.#found?.generation !== generation) this.#found = { generation, type: this.#find(cluster, catalog) };
    const { type } = this.#found;
    if (type !== undefined) return type;
    const [version = '', group = ''] = this.#apiVersion.split('/').reverse();
    const text = `${group}/${version}, Kind=${this.#kind}`;
    throw new ParamError(`failed to find resource referenced by paramKind: '${text}'`);
  }

  #find(cluster: ClusterName, catalog: ResourceCatalog): ResourceType | undefined {
    return catalog.all(cluster).find(({ gvk, backing }) => {
      return backing.kind === 'store' && gvk.kind === this.#kind && apiVersionOf(gvk) === this.#apiVersion;
    });
  }
}

/**
 * The parameters with which a policy is evaluated for one binding, once for each; `[undefined]` where there are none to
 * be had. Throws ParamError.
 */
export async function collectParams(
  type: ResourceType | undefined,
  { paramRef }: PolicyBinding,
  { cluster, namespace }: AdmissionAttributes,
  cache: WatchCache,
): Promise<readonly (JsonObject | undefined)[]> {
  if (type === undefined || paramRef === undefined) return [undefined];
  const at = namespaceOf(type, readString(paramRef, 'namespace'), namespace);
  const objects = cache.loaded(type.storage) ?? (await cache.resource(type.storage));
  const name = readString(paramRef, 'name');
  const found =
    name === '' ? selected(paramRef, objects.list(cluster, at).items) : [objects.get({ cluster, namespace: at, name })];
  const params = found.filter((each) => each !== undefined);
  if (params.length === 0 && readString(paramRef, 'parameterNotFoundAction') === 'Deny') {
    throw new ParamError('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  await type.codec.prepare?.(params);
  return params.map((each) => parsed(type, each));
}

function namespaceOf(type: ResourceType, given: string, ofRequest: string): string {
  if (!type.namespaced) {
    if (given === '') return '';
    throw new ParamError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  if (given !== '' || ofRequest !== '') return given || ofRequest;
  throw new ParamError('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
}

function selected(paramRef: JsonObject, objects: readonly CachedObject[]): readonly CachedObject[] {
  const selector = selectorOfObject(readObject(paramRef, 'selector') ?? {});
  return objects.filter((each) => selector.matches(each.labels()));
}

/** Parsed once per revision; expressions only read it. */
function parsed(type: ResourceType, object: CachedObject): JsonObject {
  const make = () => ({ type, value: parseStored(type.codec.view(object)) });
  const known = object.memo(parsedSlot, make);
  return known.type === type ? known.value : make().value;
}
