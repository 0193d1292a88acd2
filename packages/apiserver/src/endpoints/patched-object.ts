import { invalid } from '@kcp/apimachinery/errors/field-error';
import { newBadRequest, newInvalid } from '@kcp/apimachinery/errors/status-error';
import { sortedText } from '@kcp/apimachinery/json/sorted-text';
import { isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import type { ProjectedSubresource } from '../registry/resource-type.js';
import type { WriteOptions } from '../request/write-options.js';
import type { ResourceRequest } from './resource-request.js';

/** A patched object of the version of the URL, decoded like a body; strict faults are 422 for patches. */
export function decodePatched(rr: ResourceRequest, patched: JsonValue, options: WriteOptions): KubeObject {
  const { type } = rr;
  const { object, strictErrors } = type.codec.decode(expectObject(patched, type.gvk));
  report(rr, patched, strictErrors, options);
  return object;
}

/** The same for a projection such as a Scale. */
export function decodePatchedProjection(
  rr: ResourceRequest,
  subresource: ProjectedSubresource,
  patched: JsonValue,
  options: WriteOptions,
): KubeObject {
  const { object, strictErrors } = subresource.decode(expectObject(patched, subresource.kind));
  report(rr, patched, strictErrors, options);
  return object;
}

function expectObject(value: JsonValue, kind: ResourceRequest['type']['gvk']): JsonObject {
  if (!isObject(value)) throw newBadRequest(`the patched object must be of type ${kind.kind}`);
  if (value.kind !== kind.kind || value.apiVersion !== apiVersionOf(kind)) {
    throw newBadRequest(
      `the patch changes the kind or apiVersion of the object, which must stay ${apiVersionOf(kind)}, Kind=${kind.kind}`,
    );
  }
  return value;
}

function report(rr: ResourceRequest, patched: JsonValue, errors: readonly string[], options: WriteOptions): void {
  if (errors.length === 0 || options.fieldValidation === 'Ignore') return;
  if (options.fieldValidation === 'Warn') {
    for (const error of errors) rr.warnings.add(error);
    return;
  }
  // Upstream shows the text of the object, as a string.
  const fault = invalid('patch', sortedText(patched), `strict decoding error: ${errors.join(', ')}`);
  throw newInvalid({ group: '', kind: '' }, '', [fault]);
}
