import {
  newBadRequest,
  newMethodNotAllowed,
  newMethodNotSupported,
  newNotFound,
  StatusError,
} from '@kcp/apimachinery/errors/status-error';
import type { ApiResponse } from '../http/exchange.js';
import type { ResourceType } from '../registry/resource-type.js';
import { resourceName } from '../registry/write-scope.js';
import type { ResourceTarget, ResourceVerb } from '../request/request-info.js';
import { createEndpoint } from './create.js';
import { deleteEndpoint } from './delete.js';
import { deleteCollectionEndpoint } from './delete-collection.js';
import { getEndpoint } from './get.js';
import { listEndpoint } from './list.js';
import { patchEndpoint } from './patch.js';
import type { ResourceRequest } from './resource-request.js';
import { updateEndpoint } from './update.js';
import { watchEndpoint } from './watch.js';

const ENDPOINTS: Readonly<Record<ResourceVerb, (rr: ResourceRequest) => Promise<ApiResponse>>> = {
  get: getEndpoint,
  list: listEndpoint,
  watch: watchEndpoint,
  create: createEndpoint,
  update: updateEndpoint,
  patch: patchEndpoint,
  delete: deleteEndpoint,
  deletecollection: deleteCollectionEndpoint,
};

/** The methods that upstream's router has for built-in types; custom types take a HEAD for a GET. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** A collection has no such verbs. */
const NAMED_VERBS: ReadonlySet<ResourceVerb> = new Set(['get', 'update', 'patch', 'delete']);

const WRITES: ReadonlySet<ResourceVerb> = new Set(['create', 'update', 'patch']);

/** A path below a served version that names nothing. */
export function unknownResource(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

/**
 * Whether the path has a namespace exactly where the type wants one. Without, custom types have lists and watches;
 * built-ins answer 405 to other verbs and are judged by `dispatch`.
 */
export function isWithinScope(type: ResourceType, target: ResourceTarget): boolean {
  if (type.origin === 'builtin') return true;
  if (!type.namespaced) return target.namespace === '';
  return target.namespace !== '' || target.verb === 'list' || target.verb === 'watch';
}

/** Runs the endpoint of a request's verb. Throws 404 and 405 for verbs and subresources that the type lacks. */
export function dispatch(rr: ResourceRequest): Promise<ApiResponse> {
  return rr.type.origin === 'custom' ? dispatchCustom(rr) : dispatchBuiltin(rr);
}

/** Upstream serves custom types by one handler of their own, with words of its own. */
function dispatchCustom(rr: ResourceRequest): Promise<ApiResponse> {
  const { target, type, subresource } = rr;
  if (target.tooDeep) throw unknownResource();
  if (target.subresource !== '' && subresource === undefined) throw newNotFound(resourceName(type), target.name);
  if (![...METHODS, 'HEAD'].includes(rr.info.method) || !(subresource?.verbs ?? type.verbs).has(target.verb)) {
    throw newMethodNotSupported(resourceName(type), target.verb);
  }
  if (target.name === '' && NAMED_VERBS.has(target.verb)) throw newBadRequest('name must be provided');
  const ready = WRITES.has(target.verb) ? type.prepare?.() : undefined;
  const endpoint = ENDPOINTS[target.verb];
  return ready === undefined ? endpoint(rr) : ready.then(() => endpoint(rr));
}

function dispatchBuiltin(rr: ResourceRequest): Promise<ApiResponse> {
  const { target, type, subresource } = rr;
  if (target.tooDeep || (target.subresource !== '' && subresource === undefined)) throw unknownResource();
  if (!METHODS.includes(rr.info.method)) throw newMethodNotAllowed();
  if (type.backing.kind === 'review' && isNowhere(rr)) throw unknownResource();
  if (type.namespaced && target.namespace === '' && target.name !== '' && target.verb !== 'watch') {
    throw unknownResource();
  }
  if (type.namespaced && target.namespace === '' && needsNamespace(rr)) throw newMethodNotAllowed();
  if (target.name === '' && NAMED_VERBS.has(target.verb)) throw newMethodNotAllowed();
  if (!(subresource?.verbs ?? type.verbs).has(target.verb)) throw newMethodNotAllowed();
  return ENDPOINTS[target.verb](rr);
}

/** Reviews have no names, and those of a namespace are asked in one. */
function isNowhere({ target, type }: ResourceRequest): boolean {
  return target.name !== '' || (type.namespaced && target.namespace === '');
}

/** Across namespaces there are only lists and watches; a review may be asked at the cluster scope. */
function needsNamespace({ target, type }: ResourceRequest): boolean {
  if (target.name !== '') return target.verb !== 'watch';
  return !['list', 'watch'].includes(target.verb) && type.backing.kind === 'store';
}
