import type { Status } from '@kcp/apimachinery/errors/status-error';
import { newNotFound } from '@kcp/apimachinery/errors/status-error';
import type { ApiResponse } from '../http/exchange.js';
import { UPDATE_CONFLICT_RETRIES_MAX } from '../limits.js';
import type { ChangeSubresource } from '../registry/resource-type.js';
import { updateObject } from '../registry/update-object.js';
import { resourceName } from '../registry/write-scope.js';
import type { WriteOptions } from '../request/write-options.js';
import { answerStatus } from './answer.js';
import { decodeBody } from './decode-body.js';
import { singleFormat } from './get.js';
import { type ResourceRequest, writeScope } from './resource-request.js';
import { reportStrictErrors, strictErrorsOf } from './strict-errors.js';

const CREATED: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** POST below an object that changes the object. */
export async function changeBelow(
  rr: ResourceRequest,
  subresource: ChangeSubresource,
  options: WriteOptions,
): Promise<ApiResponse> {
  const format = singleFormat(rr);
  const body = await decodeBody(rr.request, { kind: subresource.kind, protobuf: true, kindFromUrl: true });
  const { object: wish, strictErrors } = subresource.decode(body.value);
  reportStrictErrors(subresource.kind, strictErrorsOf(body, strictErrors), options.fieldValidation, rr.warnings);
  await updateObject(rr.registry, writeScope(rr, options, rr.target.name), {
    next(current) {
      if (current === undefined) throw newNotFound(resourceName(rr.type), rr.target.name);
      subresource.change(current, wish);
      return current;
    },
    allowCreate: false,
    allowUnconditional: true,
    retries: UPDATE_CONFLICT_RETRIES_MAX,
  });
  return answerStatus(format, CREATED, 201);
}
