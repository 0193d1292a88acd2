import { newBadRequest, newInvalid } from '@kcp/apimachinery/errors/status-error';
import { deepClone } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { ApiResponse } from '../http/exchange.js';
import { UPDATE_CONFLICT_RETRIES_MAX } from '../limits.js';
import { encodeObject } from '../registry/encode-object.js';
import type { ProjectedSubresource } from '../registry/resource-type.js';
import { updateObject } from '../registry/update-object.js';
import type { WriteResult } from '../registry/write-scope.js';
import { parseWriteOptions } from '../request/write-options.js';
import { answerObject, answerWrite } from './answer.js';
import { decodeObject } from './create.js';
import { decodeBody } from './decode-body.js';
import { answerContext, singleFormat } from './get.js';
import { type ResourceRequest, writeScope } from './resource-request.js';
import { reportStrictErrors, strictErrorsOf } from './strict-errors.js';

/** PUT of an object or of one of its subresources. */
export async function updateEndpoint(rr: ResourceRequest): Promise<ApiResponse> {
  const options = parseWriteOptions(rr.info.query, 'UpdateOptions', rr.request.header('user-agent'));
  const format = singleFormat(rr);
  if (rr.subresource?.form === 'projected') return updateProjection(rr, rr.subresource);
  const body = await decodeObject(rr, options);
  checkIdentity(rr, body);
  const scope = writeScope(rr, options, rr.target.name);
  const once = body.metadata.resourceVersion !== undefined;
  const result = await updateObject(rr.registry, scope, {
    // The write path changes what it gets, and another attempt must not see that.
    next: () => (once ? body : deepClone(body)),
    allowCreate: scope.strategy.createOnUpdate && rr.target.subresource === '' && rr.mayCreate,
    allowUnconditional: scope.strategy.unconditionalUpdate,
    uidPrecondition: true,
    retries: once ? 1 : UPDATE_CONFLICT_RETRIES_MAX,
  });
  return answerWrite(answerContext(rr, format), result.outcome === 'created' ? 201 : 200, result);
}

/** The body must name the object of the URL. Throws 400 in upstream's words. */
export function checkIdentity(rr: ResourceRequest, object: KubeObject): void {
  const { target, type } = rr;
  const { metadata } = object;
  if (!metadata.name) {
    throw newBadRequest(
      `the name of the object (${target.name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (metadata.name !== target.name) {
    throw newBadRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${target.name})`,
    );
  }
  if (!type.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace !== undefined && metadata.namespace !== target.namespace) {
    throw newBadRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata.namespace = target.namespace;
}

async function updateProjection(rr: ResourceRequest, subresource: ProjectedSubresource): Promise<ApiResponse> {
  const options = parseWriteOptions(rr.info.query, 'UpdateOptions', rr.request.header('user-agent'));
  const format = singleFormat(rr);
  const rules = { kind: subresource.kind, protobuf: true, kindFromUrl: false };
  const body = await decodeBody(rr.request, rules);
  const { object, strictErrors } = subresource.decode(body.value);
  reportStrictErrors(subresource.kind, strictErrorsOf(body, strictErrors), options.fieldValidation, rr.warnings);
  checkIdentity(rr, object);
  const result = await updateObject(rr.registry, writeScope(rr, options, rr.target.name), {
    next: (current) => injected(subresource, object, current),
    allowCreate: false,
    allowUnconditional: true,
    uidPrecondition: true,
    retries: object.metadata.resourceVersion === undefined ? UPDATE_CONFLICT_RETRIES_MAX : 1,
  });
  return answerObject(answerContext(rr, format), 200, projectedBytes(subresource, result));
}

/** Writes a projection into the current object; its resourceVersion and uid stay preconditions. */
export function injected(
  subresource: ProjectedSubresource,
  projection: KubeObject,
  current: KubeObject | undefined,
): KubeObject {
  if (current === undefined) throw newBadRequest('a projection needs an object');
  const faults = subresource.inject(projection, current);
  if (faults.length > 0) throw newInvalid(subresource.kind, projection.metadata.name ?? '', faults);
  const { resourceVersion, uid } = projection.metadata;
  if (resourceVersion !== undefined) current.metadata.resourceVersion = resourceVersion;
  if (uid !== undefined) current.metadata.uid = uid;
  return current;
}

export function projectedBytes(subresource: ProjectedSubresource, result: WriteResult): Buffer {
  const version = result.revision === undefined ? undefined : String(result.revision);
  return Buffer.from(encodeObject(subresource.project(result.object), version), 'utf8');
}
