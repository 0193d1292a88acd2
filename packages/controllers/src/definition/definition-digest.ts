import { API_APPROVED_ANNOTATION } from '@kcp/apimachinery/crd/api-approval';
import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readBoolean, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { conditionsOf } from '../controller/conditions.js';
import { DIGESTS_SHARED_MAX } from '../limits.js';
import type { ServedType } from '../types/served-type.js';
import { isSettled, isTrue } from './definition-conditions.js';

/** Keeps a definition until none of its objects is left. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** What the controllers remember of a definition: next to nothing, and shared by all that say the same. */
export interface DefinitionDigest {
  readonly group: string;
  /** What its names are judged by: group, requested and accepted names, conditions. */
  readonly definition: JsonObject;
  /** As text, to see whether they changed. */
  readonly acceptedNames: string;
  /** Nothing in its status is to be changed as long as it stays as it is. */
  readonly settled: boolean;
  /** Nothing was said of it yet, and `definition` has all that its status depends on. */
  readonly fresh: boolean;
  /** It is being deleted, and its objects are to be deleted first. */
  readonly cleaning: boolean;
  /** The type that it serves; undefined as long as it is not established. */
  readonly type: ServedType | undefined;
}

/** Makes digests. Definitions of the same content have the same, in whatever logical cluster they are. */
export class DefinitionDigests {
  readonly #shared = new Map<string, DefinitionDigest>();

  of(object: KubeObject): DefinitionDigest {
    const made = digestOf(object);
    const versions = made.type?.versions.join();
    const text = `${stringify(made.definition)}${made.settled}${made.fresh}${made.cleaning}${made.type?.namespaced}${versions}`;
    const digest = this.#shared.get(text) ?? made;
    this.#shared.delete(text);
    this.#shared.set(text, digest);
    for (const oldest of this.#shared.keys()) {
      if (this.#shared.size <= DIGESTS_SHARED_MAX) break;
      this.#shared.delete(oldest);
    }
    return digest;
  }
}

function digestOf(object: KubeObject): DefinitionDigest {
  const { metadata } = object;
  const spec = readObject(object, 'spec') ?? {};
  const status = readObject(object, 'status') ?? {};
  const names = readObject(spec, 'names') ?? {};
  const acceptedNames = readObject(status, 'acceptedNames') ?? {};
  const deleting = metadata.deletionTimestamp !== undefined;
  const approval = metadata.annotations?.[API_APPROVED_ANNOTATION];
  const definition: JsonObject = {
    metadata: {
      name: metadata.name ?? '',
      ...(approval === undefined ? {} : { annotations: { [API_APPROVED_ANNOTATION]: approval } }),
    },
    spec: { group: readString(spec, 'group'), names },
    status: { acceptedNames, conditions: conditionsOf(status).map(withoutTime) },
  };
  return {
    group: readString(spec, 'group'),
    definition,
    acceptedNames: stringify(acceptedNames),
    settled: deleting || isSettled(object),
    fresh: conditionsOf(status).length === 0 && !readBoolean(spec, 'preserveUnknownFields'),
    cleaning: deleting && (metadata.finalizers ?? []).includes(CLEANUP_FINALIZER),
    type: isTrue(object, 'Established') ? typeOf(spec, acceptedNames) : undefined,
  };
}

function typeOf(spec: JsonObject, acceptedNames: JsonObject): ServedType {
  const served = readObjects(spec, 'versions').filter((version) => readBoolean(version, 'served'));
  return {
    group: readString(spec, 'group'),
    resource: readString(acceptedNames, 'plural'),
    kind: readString(acceptedNames, 'kind'),
    namespaced: readString(spec, 'scope') === 'Namespaced',
    versions: served.map((version) => readString(version, 'name')),
  };
}

function withoutTime({ type, status, reason, message }: JsonObject): JsonObject {
  return { type, status, reason, message };
}
