import { type FieldError, forbidden, required } from '@kcp/apimachinery/errors/field-error';
import { newConflict, newInvalid } from '@kcp/apimachinery/errors/status-error';
import { deepClone, deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { nameIsDnsSubdomain } from '@kcp/apimachinery/validation/names';
import { builtinStrategy } from '@kcp/apiserver/builtins/builtin-strategy';
import { decodeBuiltin } from '@kcp/apiserver/builtins/builtin-type';
import { coreV1 } from '@kcp/apiserver/builtins/core/core-group';
import { keepMember } from '@kcp/apiserver/builtins/status-subresource';
import { formatTime } from '@kcp/apiserver/clock';
import type { ChangeSubresource, UpdateSubresource } from '@kcp/apiserver/registry/resource-type';
import type { StrategyContext } from '@kcp/apiserver/registry/strategy';
import { completePod } from '../pod/complete-pod.js';
import { podSpecDefaults } from '../pod/pod-defaults.js';
import { podSpecErrors } from '../pod/validate-pod.js';
import { specOf, workloadType } from '../workload-type.js';

const BINDING = coreV1('Binding');
const GRACE_SECONDS = 30;
const CHANGE_TEXT =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

export const PODS = workloadType({
  gvk: coreV1('Pod'),
  plural: 'pods',
  shortNames: ['po'],
  inAll: true,
  namespaced: true,
  defaults,
  selectableFields: {
    'spec.nodeName': (pod) => readString(specOf(pod), 'nodeName'),
    'spec.restartPolicy': (pod) => readString(specOf(pod), 'restartPolicy'),
    'spec.schedulerName': (pod) => readString(specOf(pod), 'schedulerName'),
    'spec.serviceAccountName': (pod) => readString(specOf(pod), 'serviceAccountName'),
    'status.phase': (pod) => readString(statusOf(pod), 'phase'),
    'status.podIP': (pod) => readString(statusOf(pod), 'podIP'),
    'status.nominatedNodeName': (pod) => readString(statusOf(pod), 'nominatedNodeName'),
  },
  strategy: {
    deleteReturnsObject: true,
    validateName: nameIsDnsSubdomain,
    prepareForCreate: completePod,
    validateCreate: (pod) => podSpecErrors(specOf(pod), 'spec'),
    validateUpdate: changeErrors,
    beginDeletion,
  },
  subresources: { binding: binding(), ephemeralcontainers: ephemeralContainers(), resize: resize() },
});

function statusOf(pod: JsonObject): JsonObject {
  return readObject(pod, 'status') ?? {};
}

function defaults(pod: KubeObject): void {
  const spec = specOf(pod);
  podSpecDefaults(spec);
  spec.enableServiceLinks ??= true;
  for (const container of [...readObjects(spec, 'containers'), ...readObjects(spec, 'initContainers')]) {
    requestsFromLimits(readObject(container, 'resources') ?? {});
  }
}

/** Whoever states a limit alone asks for that much. */
function requestsFromLimits(resources: JsonObject): void {
  const limits = readObject(resources, 'limits');
  if (limits === undefined) return;
  resources.requests = { ...limits, ...readObject(resources, 'requests') };
}

/** Nothing of a spec may change but images, deadlines and added tolerations. */
function changeErrors(pod: KubeObject, old: KubeObject): FieldError[] {
  const errors = podSpecErrors(specOf(pod), 'spec');
  if (errors.length > 0) return errors;
  return deepEqual(fixedPart(pod), fixedPart(old)) ? [] : [forbidden('spec', CHANGE_TEXT)];
}

function fixedPart(pod: KubeObject): JsonObject {
  const spec = deepClone(specOf(pod));
  for (const name of ['activeDeadlineSeconds', 'tolerations', 'terminationGracePeriodSeconds']) delete spec[name];
  for (const list of ['containers', 'initContainers']) for (const one of readObjects(spec, list)) delete one.image;
  return spec;
}

/** A pod that runs somewhere is given time; whoever runs it deletes it once more, without. */
function beginDeletion(pod: KubeObject, { now }: StrategyContext, asked: number | undefined): boolean {
  const spec = specOf(pod);
  const phase = readString(statusOf(pod), 'phase');
  const unbound = readString(spec, 'nodeName') === '';
  if (unbound || phase === 'Succeeded' || phase === 'Failed') return false;
  const own = readNumber(spec, 'terminationGracePeriodSeconds') ?? GRACE_SECONDS;
  const seconds = Math.max(asked ?? own, 0);
  if (seconds === 0) return false;
  const { metadata } = pod;
  const before = metadata.deletionGracePeriodSeconds;
  if (metadata.deletionTimestamp !== undefined && before !== undefined && before <= seconds) return true;
  metadata.deletionTimestamp = formatTime(now + seconds * 1_000);
  metadata.deletionGracePeriodSeconds = seconds;
  metadata.generation = Number(metadata.generation ?? 0) + 1;
  return true;
}

/** Binds a pod to the node that the body names (upstream's BindingREST). */
function binding(): ChangeSubresource {
  return {
    form: 'change',
    kind: BINDING,
    verbs: new Set(['create']),
    strategy: builtinStrategy({ generation: 'spec' }),
    decode: (value) => decodeBuiltin(BINDING, value),
    change(pod, body) {
      const node = readString(readObject(body, 'target') ?? {}, 'name');
      if (node === '') throw newInvalid(BINDING, pod.metadata.name ?? '', [required('target.name')]);
      const [spec, bound] = [specOf(pod), readString(specOf(pod), 'nodeName')];
      if (pod.metadata.deletionTimestamp !== undefined)
        throw cannotBind(pod, 'pod is being deleted, cannot be assigned to a host');
      if (bound !== '') throw cannotBind(pod, `pod ${pod.metadata.name} is already assigned to node "${bound}"`);
      spec.nodeName = node;
      if (body.metadata.annotations !== undefined) {
        pod.metadata.annotations = { ...pod.metadata.annotations, ...body.metadata.annotations };
      }
    },
  };
}

function cannotBind(pod: KubeObject, why: string): Error {
  return newConflict({ group: '', resource: 'pods/binding' }, pod.metadata.name ?? '', why);
}

function ephemeralContainers(): UpdateSubresource {
  return partOfSpec(['ephemeralContainers']);
}

function resize(): UpdateSubresource {
  return partOfSpec(['containers', 'initContainers']);
}

function takeMember(spec: JsonObject, from: JsonObject, name: string): void {
  if (from[name] === undefined) delete spec[name];
  else spec[name] = from[name];
}

/** An endpoint that changes some members of the spec, whatever the main one allows. */
function partOfSpec(names: readonly string[]): UpdateSubresource {
  const strategy = builtinStrategy({
    generation: 'spec',
    prepareForUpdate: (pod, old) => {
      const changed = specOf(pod);
      const spec = deepClone(specOf(old));
      for (const name of names) takeMember(spec, changed, name);
      pod.spec = spec;
      keepMember(pod, old, 'status');
    },
    validateUpdate: (pod) => podSpecErrors(specOf(pod), 'spec'),
  });
  return { form: 'update', verbs: new Set(['get', 'patch', 'update']), strategy };
}
