import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { UpdateSubresource } from '../registry/resource-type.js';
import type { Strategy } from '../registry/strategy.js';
import { builtinStrategy, type MetadataRules } from './builtin-strategy.js';

/** The `/status` endpoint of a type: takes over the status alone, and everything else from what is stored. */
export function statusSubresource(own: Partial<Strategy> = {}, metadata: MetadataRules = 'core'): UpdateSubresource {
  return updateSubresource({ resetFields: { 'f:spec': {} }, prepareForUpdate: keepAllButStatus, ...own }, metadata);
}

/** Another endpoint over the same object, such as `/finalize`. */
export function updateSubresource(own: Partial<Strategy>, metadata: MetadataRules = 'core'): UpdateSubresource {
  return { form: 'update', verbs: new Set(['get', 'update', 'patch']), strategy: builtinStrategy(own, metadata) };
}

/** Labels, annotations and the like may change with the status, as upstream's built-in types allow; the spec may not. */
export function keepAllButStatus(object: KubeObject, old: KubeObject): void {
  for (const key of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (key === 'status' || key === 'metadata' || key === 'kind' || key === 'apiVersion') continue;
    keepMember(object, old, key);
  }
}

/** The main endpoint of a type with a status: the status stays what it was. */
export function keepStatus(object: KubeObject, old: KubeObject): void {
  keepMember(object, old, 'status');
}

/** Takes a member over from what is stored. */
export function keepMember(object: KubeObject, old: KubeObject, name: string): void {
  if (old[name] === undefined) delete object[name];
  else object[name] = old[name];
}

const METADATA_OF_OWNER = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/** For status endpoints that leave metadata alone, too: only managedFields may differ. */
export function keepMetadata(object: KubeObject, old: KubeObject): void {
  for (const name of METADATA_OF_OWNER) {
    const value = old.metadata[name];
    if (value === undefined) delete object.metadata[name];
    else object.metadata[name] = value as never;
  }
}
