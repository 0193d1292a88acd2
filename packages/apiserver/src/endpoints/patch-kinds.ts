import {
  newBadRequest,
  newInvalid,
  newRequestEntityTooLarge,
  newUntyped,
  StatusError,
} from '@kcp/apimachinery/errors/status-error';
import { parsing } from '@kcp/apimachinery/json/parse';
import { JsonSyntaxError, type ParsedJson } from '@kcp/apimachinery/json/syntax-error';
import { jsonTypeName } from '@kcp/apimachinery/json/type-name';
import { isObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { MergeType } from '@kcp/apimachinery/merge-type/merge-type';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { applyJsonPatch } from '@kcp/apimachinery/patch/json-patch';
import { JsonPatchError } from '@kcp/apimachinery/patch/json-patch-error';
import { applyMergePatch, PatchDepthError } from '@kcp/apimachinery/patch/merge-patch';
import { StrategicMergePatchError } from '@kcp/apimachinery/patch/strategic-merge-error';
import { applyStrategicMergePatch } from '@kcp/apimachinery/patch/strategic-merge-patch';
import { onText } from '@kcp/apimachinery/turns/turn';
import type { ApiRequest } from '../http/exchange.js';
import { REQUEST_BODY_BYTES_MAX } from '../limits.js';
import type { ResourceType } from '../registry/resource-type.js';
import { duplicateField, unknownField } from './strict-errors.js';

export type PatchKind = 'json' | 'merge' | 'strategic';

export const APPLY_PATCH = 'application/apply-patch+yaml';
const KINDS: Readonly<Record<string, PatchKind | 'apply'>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  [APPLY_PATCH]: 'apply',
};

/** The kind behind a Content-Type; undefined where the type does not take it (415). */
export function patchKindOf(type: ResourceType, mediaType: string): PatchKind | 'apply' | undefined {
  const kind = Object.hasOwn(KINDS, mediaType) ? KINDS[mediaType] : undefined;
  return kind === 'strategic' && !type.strategicPatch ? undefined : kind;
}

/** The media types of patches that a type takes, as error texts list them. */
export function patchTypes(type: ResourceType): readonly string[] {
  return Object.keys(KINDS).filter((mediaType) => patchKindOf(type, mediaType) !== undefined);
}

/** Reads the body of a patch, with the duplicate keys in it. Throws 400 for what is no JSON. */
export async function readPatch(request: ApiRequest): Promise<ParsedJson> {
  const text = (await request.body(REQUEST_BODY_BYTES_MAX)).toString('utf8');
  try {
    return await onText(text, parsing);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw newBadRequest(`error decoding patch: ${error.message}`);
    throw error;
  }
}

const GENERIC = 'the server rejected our request due to an error in our request';

/** Applies a patch to an object of the version of the URL. Throws StatusErrors with upstream's codes. */
export function patchObject(
  kind: PatchKind,
  object: KubeObject,
  patch: JsonValue,
  mergeType: () => MergeType,
  gvk: GroupVersionKind,
  mergeByListKeys = false,
): JsonValue {
  try {
    if (kind === 'json') return applyJsonPatch(object, patch ?? []);
    if (!isObject(patch)) throw notAnObject(kind, patch);
    if (kind === 'merge') return applyMergePatch(object, patch);
    return applyStrategicMergePatch(object, patch, mergeType(), { mergeByListKeys });
  } catch (error) {
    throw statusOfPatchError(error, gvk, object.metadata.name ?? '');
  }
}

function notAnObject(kind: PatchKind, patch: JsonValue): StatusError {
  const text = `json: cannot unmarshal ${jsonTypeName(patch)} into Go value of type map[string]interface {}`;
  return newBadRequest(kind === 'merge' ? `error decoding patch: ${text}` : text);
}

/** What strict validation says of a patch itself. */
export function patchFaults(kind: PatchKind, { value, duplicates }: ParsedJson): readonly string[] {
  const twice = duplicates.map(duplicateField);
  if (kind !== 'json' || !Array.isArray(value)) return twice;
  const unknown = value.flatMap((operation, index) => unknownMembers(operation).map((name) => `[${index}].${name}`));
  return [...twice, ...unknown.map(unknownField)].map((text) => `json patch ${text}`);
}

const OPERATION_MEMBERS = ['op', 'path', 'from', 'value'];

function unknownMembers(operation: JsonValue): string[] {
  return isObject(operation) ? Object.keys(operation).filter((name) => !OPERATION_MEMBERS.includes(name)) : [];
}

function statusOfPatchError(error: unknown, gvk: GroupVersionKind, name: string): unknown {
  if (error instanceof JsonPatchError) return statusOfJsonPatchError(error);
  if (error instanceof PatchDepthError) return newBadRequest(error.message);
  return error instanceof StrategicMergePatchError ? statusOfStrategicError(error, gvk, name) : error;
}

function statusOfJsonPatchError(error: JsonPatchError): StatusError {
  switch (error.problem) {
    case 'too-many-operations':
    case 'copy-too-large':
      return newRequestEntityTooLarge(error.message);
    case 'malformed':
      return newBadRequest(`error decoding patch: ${error.message}`);
    case 'missing-path':
    case 'test-failed':
    case 'unknown-operation':
      return new StatusError(422, 'Invalid', GENERIC, {});
  }
}

function statusOfStrategicError(error: StrategicMergePatchError, gvk: GroupVersionKind, name: string): StatusError {
  if (error.code === 400) return newBadRequest(error.message);
  return error.code === 422 ? generic(gvk, name) : newUntyped(error.message);
}

/** What upstream says of a patch that does not fit, without the reason. */
function generic(gvk: GroupVersionKind, name: string): StatusError {
  return new StatusError(422, 'Invalid', GENERIC, newInvalid(gvk, name, []).status.details);
}
