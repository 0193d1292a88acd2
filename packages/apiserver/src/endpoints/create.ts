import { newMethodNotAllowed, newNotFound } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { anotherTurn } from '@kcp/apimachinery/turns/turn';
import type { ApiResponse } from '../http/exchange.js';
import { createObject } from '../registry/create-object.js';
import { encodeObject } from '../registry/encode-object.js';
import { parseStored } from '../registry/parse-stored.js';
import type { ActionSubresource } from '../registry/resource-type.js';
import { trackFields } from '../registry/track-fields.js';
import { admissionAttributes, resourceName } from '../registry/write-scope.js';
import { negotiate } from '../request/negotiation.js';
import { parseWriteOptions, type WriteOptions } from '../request/write-options.js';
import { answerObject, answerWrite } from './answer.js';
import { changeBelow } from './change-below.js';
import { decodeBody } from './decode-body.js';
import { freshCache } from './freshness.js';
import { answerContext, offerOf, singleFormat } from './get.js';
import { clusterOf, kindOf, type ResourceRequest, writeScope } from './resource-request.js';
import { reportStrictErrors, strictErrorsOf } from './strict-errors.js';

/** POST to a collection, of a review, or below an object. */
export async function createEndpoint(rr: ResourceRequest): Promise<ApiResponse> {
  const options = parseWriteOptions(rr.info.query, 'CreateOptions', rr.request.header('user-agent'));
  if (rr.subresource?.form === 'change') return changeBelow(rr, rr.subresource, options);
  if (rr.subresource?.form === 'action') return createBelow(rr, rr.subresource, options);
  // Custom types take a POST below a name for one to the collection, as upstream.
  if (rr.target.name !== '' && rr.type.origin === 'builtin') throw newMethodNotAllowed();
  if (rr.type.backing.kind === 'review') return answerReview(rr, options);
  const format = singleFormat(rr);
  const object = await decodeObject(rr, options);
  const result = await createObject(rr.registry, writeScope(rr, options, ''), object);
  return answerWrite(answerContext(rr, format), 201, result);
}

/** The object of a body in the storage version, strict faults reported. */
export async function decodeObject(
  rr: ResourceRequest,
  options: WriteOptions,
  action?: ActionSubresource,
): Promise<KubeObject> {
  const { type } = rr;
  const builtin = type.origin === 'builtin';
  const rules = { kind: kindOf(rr), protobuf: type.codec.protobuf, kindFromUrl: builtin, anyKind: !builtin };
  const body = await decodeBody(rr.request, rules);
  const decoding = anotherTurn();
  if (decoding !== undefined) await decoding;
  const { object, strictErrors } =
    action === undefined ? type.codec.decode(body.value, body.fractions) : action.decode(body.value);
  reportStrictErrors(kindOf(rr), strictErrorsOf(body, strictErrors), options.fieldValidation, rr.warnings);
  return object;
}

async function answerReview(rr: ResourceRequest, options: WriteOptions): Promise<ApiResponse> {
  const { backing } = rr.type;
  if (backing.kind !== 'review') throw newMethodNotAllowed();
  const format = negotiate(rr.request.header('accept'), offerOf(rr.type, []));
  const question = await decodeObject(rr, options);
  const now = rr.registry.clock.now();
  const context = { cluster: clusterOf(rr), user: rr.user, namespace: rr.target.namespace, now };
  // Nobody keeps a question, but upstream tracks who set which of its fields, and so the answer shows it.
  trackFields(writeScope(rr, options, ''), undefined, question, now);
  await admitBody(rr, options, question);
  const answer = await backing.answer(question, context);
  return answerObject(answerContext(rr, format), 201, Buffer.from(encodeObject(answer, undefined), 'utf8'));
}

/** What is asked and never stored is subject to admission all the same. */
async function admitBody(rr: ResourceRequest, options: WriteOptions, body: KubeObject): Promise<void> {
  const attributes = admissionAttributes(writeScope(rr, options, rr.target.name), 'CREATE', body, undefined);
  await rr.registry.admission.admit(attributes);
  await rr.registry.admission.validate(attributes);
}

async function createBelow(
  rr: ResourceRequest,
  subresource: ActionSubresource,
  options: WriteOptions,
): Promise<ApiResponse> {
  const format = negotiate(rr.request.header('accept'), offerOf(rr.type, []));
  const body = await decodeObject(rr, options, subresource);
  const cluster = clusterOf(rr);
  const { namespace, name } = rr.target;
  const cache = await freshCache(rr.registry, rr.type, 0, rr.request);
  const parent = cache.get({ cluster, namespace, name });
  if (parent === undefined) throw newNotFound(resourceName(rr.type), name);
  const scope = writeScope(rr, options, name);
  const { admission, clock } = rr.registry;
  await admission.admit(admissionAttributes(scope, 'CREATE', body, undefined));
  const answer = await subresource.create(parseStored(parent.bytes), body, {
    cluster,
    namespace,
    name,
    now: clock.now(),
    validate: (complete) => admission.validate(admissionAttributes(scope, 'CREATE', complete, undefined)),
    warn: (text) => scope.warn(text),
    annotate: (key, value) => scope.annotate?.(key, value),
  });
  return answerObject(answerContext(rr, format), 201, Buffer.from(encodeObject(answer, undefined), 'utf8'));
}
