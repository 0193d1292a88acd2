import { newUnroutedMediaType, newUnsupportedMediaType } from '@kcp/apimachinery/errors/status-error';
import type { ParsedJson } from '@kcp/apimachinery/json/syntax-error';
import { deepClone, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { anotherTurn } from '@kcp/apimachinery/turns/turn';
import type { ApiResponse } from '../http/exchange.js';
import { PATCH_CONFLICT_RETRIES_MAX } from '../limits.js';
import { updateObject } from '../registry/update-object.js';
import { parseMediaType } from '../request/media-type.js';
import { parseWriteOptions, type WriteOptions } from '../request/write-options.js';
import { answerObject, answerWrite } from './answer.js';
import { applyEndpoint } from './apply.js';
import { answerContext, singleFormat } from './get.js';
import {
  APPLY_PATCH,
  type PatchKind,
  patchFaults,
  patchKindOf,
  patchObject,
  patchTypes,
  readPatch,
} from './patch-kinds.js';
import { decodePatched, decodePatchedProjection, type Patched } from './patched-object.js';
import { type ResourceRequest, writeScope } from './resource-request.js';
import { checkIdentity, injected, projectedBytes } from './update.js';

/** PATCH of an object or of one of its subresources, in any of the four kinds. */
export async function patchEndpoint(rr: ResourceRequest): Promise<ApiResponse> {
  const mediaType = parseMediaType(rr.request.header('content-type') ?? '').type;
  const kind = patchKindOf(rr.type, mediaType);
  if (kind === undefined) throw unsupported(rr);
  const userAgent = rr.request.header('user-agent');
  const options = parseWriteOptions(rr.info.query, 'PatchOptions', userAgent, mediaType === APPLY_PATCH);
  if (kind === 'apply') return applyEndpoint(rr, options);
  const patch = await readPatch(rr.request);
  return rr.subresource?.form === 'projected'
    ? patchProjection(rr, kind, patch, options)
    : patchWhole(rr, kind, patch, options);
}

/** Patches of built-in types are refused by upstream's router, before anybody who knows the types. */
function unsupported({ type }: ResourceRequest): Error {
  return type.origin === 'builtin' ? newUnroutedMediaType() : newUnsupportedMediaType(patchTypes(type));
}

async function patchWhole(
  rr: ResourceRequest,
  kind: PatchKind,
  patch: ParsedJson,
  options: WriteOptions,
): Promise<ApiResponse> {
  const format = singleFormat(rr);
  const result = await updateObject(rr.registry, writeScope(rr, options, rr.target.name), {
    next: (current) => patchedFrom(rr, kind, patch, options, current),
    allowCreate: false,
    allowUnconditional: true,
    retries: PATCH_CONFLICT_RETRIES_MAX,
  });
  return answerWrite(answerContext(rr, format), 200, result);
}

/** Patches apply to the version of the URL; the result goes back into the storage version. */
async function patchedFrom(
  rr: ResourceRequest,
  kind: PatchKind,
  patch: ParsedJson,
  options: WriteOptions,
  current: KubeObject | undefined,
): Promise<KubeObject> {
  if (current === undefined) throw new Error('an object to be patched exists');
  const { type } = rr;
  const shown = type.codec.fromStorage(current);
  const byListKeys = type.origin === 'custom';
  const value = patchObject(kind, shown, patch.value, () => type.mergeType(), type.gvk, byListKeys);
  await anotherTurn();
  const object = decodePatched(rr, asPatched(value, kind, patch), options);
  checkIdentity(rr, object);
  return object;
}

function asPatched(value: JsonValue, kind: PatchKind, patch: ParsedJson): Patched {
  return { value, faults: patchFaults(kind, patch), ...(kind === 'strategic' ? { strategic: patch.value } : {}) };
}

async function patchProjection(
  rr: ResourceRequest,
  kind: PatchKind,
  patch: ParsedJson,
  options: WriteOptions,
): Promise<ApiResponse> {
  const { subresource } = rr;
  if (subresource?.form !== 'projected') throw new Error('only projections are patched here');
  const format = singleFormat(rr);
  const result = await updateObject(rr.registry, writeScope(rr, options, rr.target.name), {
    next: (current) => {
      if (current === undefined) throw new Error('an object to be patched exists');
      const shown = subresource.project(current);
      const version = current.metadata.resourceVersion;
      if (version !== undefined) shown.metadata.resourceVersion = version;
      const value = patchObject(kind, shown, patch.value, subresource.mergeType, subresource.kind);
      const projection = decodePatchedProjection(rr, subresource, asPatched(value, kind, patch), options);
      subresource.checkPatched?.(projection, deepClone(current));
      return injected(subresource, projection, current);
    },
    allowCreate: false,
    allowUnconditional: true,
    retries: PATCH_CONFLICT_RETRIES_MAX,
  });
  return answerObject(answerContext(rr, format), 200, projectedBytes(subresource, result));
}
