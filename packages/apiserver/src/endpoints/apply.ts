import { applying, kindText } from '@kcp/apimachinery/apply/apply-patch';
import { goPrint } from '@kcp/apimachinery/errors/go-print';
import { newBadRequest, newUntyped } from '@kcp/apimachinery/errors/status-error';
import { deepClone, isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { anotherTurn, inTurns } from '@kcp/apimachinery/turns/turn';
import { formatTime } from '../clock.js';
import type { ApiResponse } from '../http/exchange.js';
import { PATCH_CONFLICT_RETRIES_MAX, REQUEST_BODY_BYTES_MAX } from '../limits.js';
import type { ProjectedSubresource } from '../registry/resource-type.js';
import { timeless } from '../registry/track-fields.js';
import { updateObject } from '../registry/update-object.js';
import type { WriteScope } from '../registry/write-scope.js';
import type { WriteOptions } from '../request/write-options.js';
import { answerObject, answerWrite } from './answer.js';
import { answerContext, singleFormat } from './get.js';
import { type ResourceRequest, writeScope } from './resource-request.js';
import { reportAppliedTwice } from './strict-errors.js';
import { checkIdentity, projectedBytes } from './update.js';
import { parseYamlBody } from './yaml-body.js';

/** What a client applies. */
interface Applied {
  readonly object: KubeObject;
  /** What its text says twice (see ParsedJson). */
  readonly setTwice: readonly string[];
}

/** Server-side apply: merges what the body names into what is there, by field ownership; creates what is not there. */
export async function applyEndpoint(rr: ResourceRequest, options: WriteOptions): Promise<ApiResponse> {
  if (rr.subresource?.form === 'projected') return applyProjection(rr, rr.subresource, options);
  const format = singleFormat(rr);
  const applied = await readApplied(rr);
  const scope = writeScope(rr, options, rr.target.name);
  const result = await updateObject(rr.registry, scope, {
    next: (current) => merged(rr, scope, applied, options, current),
    allowCreate: rr.target.subresource === '' && rr.mayCreate,
    allowUnconditional: true,
    retries: PATCH_CONFLICT_RETRIES_MAX,
    tracked: true,
  });
  return answerWrite(answerContext(rr, format), result.outcome === 'created' ? 201 : 200, result);
}

/** What is applied to a projection is applied to the fields of the object that it stands for. */
async function applyProjection(
  rr: ResourceRequest,
  subresource: ProjectedSubresource,
  options: WriteOptions,
): Promise<ApiResponse> {
  const format = singleFormat(rr);
  const { value, setTwice } = await readYaml(rr);
  const kind = apiVersionOf(subresource.kind);
  if (value.apiVersion !== kind || value.kind !== subresource.kind.kind) {
    throw newBadRequest(`invalid object type: ${kindText(value)}`);
  }
  const projection = asKubeObject(value, kind, subresource.kind.kind);
  checkIdentity(rr, { ...projection, metadata: { name: rr.target.name, ...projection.metadata } });
  const { type } = rr;
  const parent = { apiVersion: apiVersionOf(type.gvk), kind: type.gvk.kind, metadata: { name: rr.target.name } };
  const applied = { object: { ...parent, ...subresource.fields(projection) }, setTwice };
  const scope = writeScope(rr, options, rr.target.name);
  const result = await updateObject(rr.registry, scope, {
    next: async (current) => withoutTimes(await merged(rr, scope, applied, options, current), scope.subresource),
    allowCreate: false,
    allowUnconditional: true,
    retries: PATCH_CONFLICT_RETRIES_MAX,
    tracked: true,
  });
  return answerObject(answerContext(rr, format), 200, projectedBytes(subresource, result));
}

function withoutTimes(object: KubeObject, subresource: string): KubeObject {
  const { managedFields } = object.metadata;
  if (managedFields !== undefined) object.metadata.managedFields = timeless(managedFields, subresource);
  return object;
}

async function readApplied(rr: ResourceRequest): Promise<Applied> {
  const { type } = rr;
  const { value, setTwice } = await readYaml(rr);
  const wanted = apiVersionOf(type.gvk);
  if (value.apiVersion !== wanted || value.kind !== type.gvk.kind) {
    throw newBadRequest(`invalid object type: ${kindText(value)}`);
  }
  if (isObject(value.metadata)) {
    if (value.metadata.managedFields) throw newBadRequest('metadata.managedFields must be nil');
    delete value.metadata.managedFields;
  }
  await anotherTurn();
  const applied = asKubeObject(value, wanted, type.gvk.kind);
  // The place is checked, not filled in: faults of the body are told as the body has it.
  checkIdentity(rr, { ...applied, metadata: { ...applied.metadata, name: applied.metadata.name ?? rr.target.name } });
  return { object: applied, setTwice };
}

async function readYaml(rr: ResourceRequest): Promise<{ value: JsonObject; setTwice: readonly string[] }> {
  const text = (await rr.request.body(REQUEST_BODY_BYTES_MAX)).toString('utf8');
  const refuse = (why: string): Error => newBadRequest(`error decoding YAML: ${why}`);
  const { value, setTwice = [] } = await parseYamlBody(text, refuse);
  if (value === null) return { value: {}, setTwice };
  if (isObject(value)) return { value, setTwice };
  throw newBadRequest('error decoding YAML: the applied configuration must be an object');
}

function asKubeObject(value: JsonObject, apiVersion: string, kind: string): KubeObject {
  const metadata = value.metadata ?? {};
  if (!isObject(metadata)) {
    const text = `.metadata: expected map, got &{${goPrint(metadata)}}`;
    throw newUntyped(`failed to create typed patch object (/; ${kindText({ apiVersion, kind })}): ${text}`);
  }
  return { ...value, apiVersion, kind, metadata };
}

/** The merge happens in the version of the URL; the result is decoded like any body, into the storage version. */
async function merged(
  rr: ResourceRequest,
  scope: WriteScope,
  { object: configuration, setTwice }: Applied,
  options: WriteOptions,
  current: KubeObject | undefined,
): Promise<KubeObject> {
  const { type } = rr;
  const { resetFields } = scope.strategy;
  const live = current === undefined ? undefined : type.codec.fromStorage({ ...current });
  const result = await inTurns(
    applying({
      type: type.mergeType(),
      live,
      applied: deepClone(configuration),
      manager: options.fieldManager,
      apiVersion: apiVersionOf(type.gvk),
      subresource: scope.subresource,
      now: formatTime(rr.registry.clock.now()),
      force: options.force,
      ...(resetFields === undefined ? {} : { resetFields }),
    }),
  );
  reportAppliedTwice(setTwice, options.fieldValidation, rr.warnings);
  await anotherTurn();
  if (result === undefined && current !== undefined) return current;
  const { object } = type.codec.decode(result ?? configuration);
  // What is created needs its name; what is there has one.
  checkIdentity(rr, object);
  if (type.namespaced) object.metadata.namespace = rr.target.namespace;
  else delete object.metadata.namespace;
  return object;
}
