import {
  newBadRequest,
  newInvalid,
  newRequestEntityTooLarge,
  newUntyped,
  StatusError,
} from '@kcp/apimachinery/errors/status-error';
import { parsing } from '@kcp/apimachinery/json/parse';
import { JsonSyntaxError } from '@kcp/apimachinery/json/syntax-error';
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

/** Reads the body of a patch. Throws 400 for what is no JSON. */
export async function readPatch(request: ApiRequest): Promise<JsonValue> {
  const text = (await request.body(REQUEST_BODY_BYTES_MAX)).toString('utf8');
  try {
    return (await onText(text, parsing)).value;
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
    if (kind === 'json') return applyJsonPatch(object, patch);
    if (!isObject(patch))
      throw newBadRequest(
        `json: cannot unmarshal ${Array.isArray(patch) ? 'array' : typeof patch} into Go value of type map[string]interface {}`,
      );
    if (kind === 'merge') return applyMergePatch(object, patch);
    return applyStrategicMergePatch(object, patch, mergeType(), { mergeByListKeys });
  } catch (error) {
    throw statusOfPatchError(error, gvk, object.metadata.name ?? '');
  }
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
      return newBadRequest(error.message);
    case 'missing-path':
    case 'test-failed':
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
