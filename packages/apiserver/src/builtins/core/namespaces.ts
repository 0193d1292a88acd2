import { type FieldError, invalid } from '@kcp/apimachinery/errors/field-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { indexPath } from '@kcp/apimachinery/validation/field-path';
import { FINALIZER_KUBERNETES } from '@kcp/apimachinery/validation/finalizers';
import { nameIsDnsLabel, qualifiedName } from '@kcp/apimachinery/validation/names';
import type { UpdateSubresource } from '../../registry/resource-type.js';
import { builtinStrategy, standardFinalizerErrors } from '../builtin-strategy.js';
import { ALL_VERBS, builtinType } from '../builtin-type.js';
import { keepMember, keepStatus, statusSubresource, updateSubresource } from '../status-subresource.js';
import { coreV1 } from './core-group.js';

/** The label that every namespace carries with its name, so that selectors can name one. */
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';
const FINALIZERS = 'spec.finalizers';
/** What everything relies on. */
const IMMORTAL = ['default', 'kube-system', 'kube-public'];

export const NAMESPACES = builtinType({
  gvk: coreV1('Namespace'),
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  verbs: ALL_VERBS.filter((verb) => verb !== 'deletecollection'),
  defaults,
  selectableFields: { 'status.phase': (namespace) => readString(readObject(namespace, 'status') ?? {}, 'phase') },
  strategy: builtinStrategy(
    {
      validateName: nameIsDnsLabel,
      resetFields: { 'f:status': {} },
      prepareForCreate,
      prepareForUpdate: (object, old) => {
        keepMember(object, old, 'spec');
        keepStatus(object, old);
      },
      validateCreate: (object) => finalizersOf(object).flatMap((name) => finalizerErrors(name, FINALIZERS)),
      beginDeletion,
      refusesDeletion: (name) => (IMMORTAL.includes(name) ? 'this namespace may not be deleted' : undefined),
      mayRemove: (object) => finalizersOf(object).length === 0,
    },
    'core',
    'whole, change',
  ),
  subresources: { status: statusSubresource({ validateUpdate: phaseErrors }), finalize: finalize() },
});

/** The one endpoint that may change `spec.finalizers`. */
function finalize(): UpdateSubresource {
  const whole = updateSubresource({
    resetFields: { 'f:status': {} },
    prepareForUpdate: keepStatus,
    validateUpdate: (object) =>
      finalizersOf(object).flatMap((name, index) => finalizerErrors(name, indexPath(FINALIZERS, index))),
  });
  return { ...whole, verbs: new Set(['update']) };
}

function defaults(namespace: KubeObject): void {
  labelName(namespace);
  const status = readObject(namespace, 'status') ?? {};
  if (readString(status, 'phase') === '') namespace.status = { ...status, phase: 'Active' };
}

function labelName({ metadata }: KubeObject): void {
  const { name, labels } = metadata;
  if (!name || labels?.[NAMESPACE_NAME_LABEL] === name) return;
  metadata.labels = { ...labels, [NAMESPACE_NAME_LABEL]: name };
}

function prepareForCreate(object: KubeObject): void {
  labelName(object);
  const finalizers = finalizersOf(object);
  const all = finalizers.includes(FINALIZER_KUBERNETES) ? finalizers : [...finalizers, FINALIZER_KUBERNETES];
  object.spec = { ...readObject(object, 'spec'), finalizers: all };
  object.status = { phase: 'Active' };
}

function beginDeletion(object: KubeObject): boolean {
  object.status = { ...readObject(object, 'status'), phase: 'Terminating' };
  return finalizersOf(object).length > 0;
}

function finalizersOf(object: KubeObject): string[] {
  return readStrings(readObject(object, 'spec') ?? {}, 'finalizers');
}

function finalizerErrors(name: string, field: string): FieldError[] {
  return [...qualifiedName(name).map((text) => invalid(field, name, text)), ...standardFinalizerErrors(name, field)];
}

function phaseErrors(object: KubeObject): FieldError[] {
  const phase = readString(readObject(object, 'status') ?? {}, 'phase');
  const deleting = object.metadata.deletionTimestamp !== undefined;
  const only = deleting ? 'Terminating' : 'Active';
  if (phase === only) return [];
  const text = `may only be '${only}' if \`deletionTimestamp\` is ${deleting ? 'not empty' : 'empty'}`;
  return [invalid('status.Phase', phase, text)];
}
