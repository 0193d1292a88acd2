import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { UpdateSubresource } from '../registry/resource-type.js';
import type { Strategy } from '../registry/strategy.js';

/** The `/status` endpoint of a type: takes over the status alone, and everything else from what is stored. */
export function statusSubresource(main: Strategy, more: Partial<Strategy> = {}): UpdateSubresource {
  const strategy: Strategy = {
    ...main,
    generation: 'none',
    createOnUpdate: false,
    resetFields: { 'f:spec': {} },
    prepareForUpdate: keepAllButStatus,
    ...more,
  };
  return { form: 'update', verbs: new Set(['get', 'update', 'patch']), strategy };
}

/** Labels, annotations and the like may change with the status, as upstream's built-in types allow; the spec may not. */
export function keepAllButStatus(object: KubeObject, old: KubeObject): void {
  for (const key of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (key === 'status' || key === 'metadata' || key === 'kind' || key === 'apiVersion') continue;
    if (old[key] === undefined) delete object[key];
    else object[key] = old[key];
  }
}

/** The main endpoint of a type with a status: the status stays what it was. */
export function keepStatus(object: KubeObject, old: KubeObject): void {
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}
