import { decodeTyped } from '@kcp/apimachinery/codec/decode-typed';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf, type GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { builtInTable } from '@kcp/apimachinery/table/built-in-tables';
import { mergeTypeOf } from '@kcp/apimachinery/types/merge-type-of';
import { typeOf } from '@kcp/apimachinery/types/type-of';
import type { StructType } from '@kcp/apimachinery/types/type-ref';
import { zeroStruct } from '@kcp/apimachinery/types/zero-value';
import type { CachedObject } from '@kcp/storage/cache';
import type { StorageResource } from '@kcp/storage/key';
import { encodeObject } from '../registry/encode-object.js';
import { parseStored } from '../registry/parse-stored.js';
import type { Backing, DecodedObject, ObjectCodec, ResourceType, Subresource } from '../registry/resource-type.js';
import type { Strategy } from '../registry/strategy.js';
import type { ResourceVerb } from '../request/request-info.js';
import { builtinStrategy } from './builtin-strategy.js';

/** What one built-in type is, as its own file states it; everything left out is what most types have. */
export interface BuiltinSpec {
  readonly gvk: GroupVersionKind;
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  /** See `StorageResource`. */
  readonly sharedMember?: string;
  readonly verbs?: readonly ResourceVerb[];
  /** Made by `builtinStrategy`. */
  readonly strategy?: Strategy;
  /** Fills defaults in place; in the storage version, part of decoding as upstream. Twice is the same as once. */
  readonly defaults?: (object: KubeObject) => void;
  readonly selectableFields?: Readonly<Record<string, (object: JsonObject) => string>>;
  readonly subresources?: Readonly<Record<string, Subresource>>;
  readonly backing?: Backing;
  /** Another version is stored: how to get there and back. */
  readonly storedAs?: StoredAs;
  /** Version that upstream stores, for the hash in discovery. */
  readonly announcedVersion?: string;
}

export interface StoredAs {
  readonly gvk: GroupVersionKind;
  toStorage(object: KubeObject): KubeObject;
  fromStorage(object: KubeObject): KubeObject;
}

export const ALL_VERBS: readonly ResourceVerb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** Makes the type that the verbs work with. */
export function builtinType(spec: BuiltinSpec): ResourceType {
  const storedKind = spec.storedAs?.gvk ?? spec.gvk;
  return {
    origin: 'builtin',
    gvk: spec.gvk,
    names: {
      kind: spec.gvk.kind,
      listKind: `${spec.gvk.kind}List`,
      plural: spec.plural,
      singular: spec.singular ?? spec.gvk.kind.toLowerCase(),
      shortNames: spec.shortNames ?? [],
      categories: spec.categories ?? [],
    },
    namespaced: spec.namespaced,
    verbs: new Set(spec.verbs ?? ALL_VERBS),
    storage: storageOf(storedKind.group, spec),
    storageKind: storedKind,
    ...(spec.announcedVersion === undefined
      ? {}
      : { announcedStorage: { ...spec.gvk, version: spec.announcedVersion } }),
    codec: new BuiltinCodec(spec),
    strategy: withDefaults(spec.strategy ?? builtinStrategy(), spec.defaults),
    table: builtInTable(spec.gvk.group, spec.gvk.kind),
    mergeType: () => mergeTypeOf(spec.gvk) ?? missing(spec.gvk),
    selectableFields: new Map(Object.entries(spec.selectableFields ?? {})),
    strategicPatch: true,
    subresources: new Map(
      Object.entries(spec.subresources ?? {}).map(([name, value]) => [name, subresource(value, spec.defaults)]),
    ),
    backing: spec.backing ?? { kind: 'store' },
  };
}

function storageOf(group: string, { plural, namespaced, sharedMember }: BuiltinSpec): StorageResource {
  const storage = { group, resource: plural, custom: false, namespaced };
  return sharedMember === undefined ? storage : { ...storage, sharedMember };
}

function subresource(value: Subresource, defaults: BuiltinSpec['defaults']): Subresource {
  return value.form === 'update' ? { ...value, strategy: withDefaults(value.strategy, defaults) } : value;
}

/** Defaults are filled in again after mutating admission. */
function withDefaults(strategy: Strategy, defaults: BuiltinSpec['defaults']): Strategy {
  return defaults === undefined ? strategy : { ...strategy, default: defaults };
}

/** Decodes a body of a built-in kind; also for subresources of a kind of their own. */
export function decodeBuiltin(gvk: GroupVersionKind, value: JsonObject): DecodedObject {
  const { object, unknown } = decodeTyped(structOf(gvk), value, { kind: gvk.kind, version: gvk.version });
  const metadata = isObject(object.metadata) ? object.metadata : {};
  const whole: KubeObject = { ...object, apiVersion: apiVersionOf(gvk), kind: gvk.kind, metadata };
  return { object: whole, strictErrors: unknown };
}

class BuiltinCodec implements ObjectCodec {
  readonly protobuf = true;
  readonly sameAsStorage: boolean;
  readonly #gvk: GroupVersionKind;
  readonly #storedAs: StoredAs | undefined;
  readonly #defaults: BuiltinSpec['defaults'];
  #unset: KubeObject | undefined;

  constructor({ gvk, storedAs, defaults }: BuiltinSpec) {
    this.#gvk = gvk;
    this.#storedAs = storedAs;
    this.#defaults = defaults;
    this.sameAsStorage = storedAs === undefined;
  }

  decode(value: JsonObject): DecodedObject {
    const { object: read, strictErrors } = decodeBuiltin(this.#gvk, value);
    const object = this.#storedAs === undefined ? read : this.#storedAs.toStorage(read);
    this.#defaults?.(object);
    return { object, strictErrors };
  }

  unset(): KubeObject {
    const gvk = this.#gvk;
    this.#unset ??= { ...zeroStruct(structOf(gvk)), apiVersion: apiVersionOf(gvk), kind: gvk.kind, metadata: {} };
    return this.#unset;
  }

  fromStorage(object: KubeObject): KubeObject {
    return this.#storedAs === undefined ? object : this.#storedAs.fromStorage(object);
  }

  view(cached: CachedObject): Buffer {
    if (this.#storedAs === undefined) return cached.bytes;
    const object = this.#storedAs.fromStorage(parseStored(cached.bytes));
    return Buffer.from(encodeObject(object, String(cached.revision)), 'utf8');
  }
}

function structOf(gvk: GroupVersionKind): StructType {
  return typeOf(gvk) ?? missing(gvk);
}

function missing(gvk: GroupVersionKind): never {
  throw new TypeError(`the type table has no ${gvk.kind} of ${apiVersionOf(gvk)}`);
}
