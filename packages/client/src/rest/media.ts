import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonValue } from '@kcp/apimachinery/json/value';
import type { Patch } from './options.js';

export const JSON_TYPE = 'application/json';
const METADATA = `${JSON_TYPE};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
const METADATA_LIST = `${JSON_TYPE};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`;
/** Applied objects are sent as JSON, which is YAML. */
export const APPLY_TYPE = 'application/apply-patch+yaml';

const PATCH_TYPES: Readonly<Record<Patch['type'], string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

export function acceptOne(metadataOnly: boolean | undefined): string {
  return metadataOnly ? METADATA : JSON_TYPE;
}

export function acceptList(metadataOnly: boolean | undefined): string {
  return metadataOnly ? METADATA_LIST : JSON_TYPE;
}

/** Content type and bytes of a patch. */
export function patchBody(patch: Patch): { readonly type: string; readonly body: Buffer } {
  const value = patch.type === 'json' ? [...patch.operations] : patch.value;
  return { type: PATCH_TYPES[patch.type], body: jsonBody(value) };
}

export function jsonBody(value: JsonValue): Buffer {
  return Buffer.from(stringify(value), 'utf8');
}
