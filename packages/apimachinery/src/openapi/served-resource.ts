import type { JsonObject } from '../json/value.js';
import type { GroupVersionKind } from '../meta/resource.js';

/** What a verb of discovery may be; others are ignored by the documents. */
export type ServedVerb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

export interface ServedSubresource {
  /** `status`, `scale`, `token`, … */
  readonly name: string;
  /** The kind that is read and written; of `status` the kind of the resource itself. */
  readonly gvk: GroupVersionKind;
  readonly verbs: readonly string[];
}

/** A resource of one group version, as the documents describe it. */
export interface ServedResource {
  readonly gvk: GroupVersionKind;
  /** `<Kind>List` when absent. Only custom resources may differ. */
  readonly listKind?: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly ServedSubresource[];
  /** Fields by which a custom resource can be selected, such as `spec.mode`. */
  readonly selectableFields?: readonly string[];
  /**
   * For a custom resource its JSON schema (`JSONSchemaProps`), `{}` when it has none; absent for a built-in one. Read
   * when it is its turn: schemas are large, and most of them are never wanted twice.
   */
  readonly schema?: () => JsonObject;
}

export interface ServedGroupVersion {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ServedResource[];
}

/** `/api/v1` or `/apis/<group>/<version>`. */
export function groupVersionPath(gv: { readonly group: string; readonly version: string }): string {
  return gv.group === '' ? `/api/${gv.version}` : `/apis/${gv.group}/${gv.version}`;
}
