import { checkApplied, faultsText } from '@kcp/apimachinery/apply/check-applied';
import { mergeObjects } from '@kcp/apimachinery/apply/merge';
import { elementText, fieldElement } from '@kcp/apimachinery/apply/path-element';
import { isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { MergeType } from '@kcp/apimachinery/merge-type/merge-type';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { MutationError } from './mutation-error.js';

/**
 * An object with what an `ApplyConfiguration` expression made merged into it by its type, as server-side apply would,
 * but owned by nobody. Throws MutationError in upstream's words.
 */
export function applyConfiguration(object: KubeObject, made: JsonValue, type: MergeType): JsonObject {
  if (!isObject(made)) throw new MutationError('invalid return type: the expression made no object');
  const configuration = { ...made, apiVersion: object.apiVersion, kind: object.kind };
  const faults = checkApplied(type, configuration);
  if (faults.length > 0) {
    throw new MutationError(
      `error applying patch: failed to convert patch object to typed object: ${faultsText(faults)}`,
    );
  }
  const atomics = atomicPaths(type, configuration, '');
  if (atomics.length > 0) {
    const why = `may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`;
    throw new MutationError(`error applying patch: invalid ApplyConfiguration: ${why}`);
  }
  return mergeObjects(type, object, configuration);
}

/** What would be replaced as a whole, and with it fields that the writer of the policy may not know of. */
function atomicPaths(type: MergeType, value: JsonValue, path: string): string[] {
  if (type.kind === 'map' && isObject(value)) {
    const here = type.relationship === 'atomic' ? [path] : [];
    const inner = Object.entries(value).flatMap(([name, member]) => {
      const field = type.field(name);
      if (field === undefined || member === undefined) return [];
      return atomicPaths(field, member, path + elementText(fieldElement(name)));
    });
    return [...here, ...inner];
  }
  if (type.kind === 'list' && Array.isArray(value)) {
    const here = type.relationship === 'atomic' ? [path] : [];
    return [...here, ...value.flatMap((item, i) => atomicPaths(type.element, item, `${path}[${i}]`))];
  }
  return [];
}
