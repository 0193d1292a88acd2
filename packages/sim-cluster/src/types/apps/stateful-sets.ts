import { type FieldError, forbidden, notSupported } from '@kcp/apimachinery/errors/field-error';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { notNegative } from '../numbers.js';
import { templateDefaults } from '../pod/pod-defaults.js';
import { setDefault } from '../set-default.js';
import { appsV1, selectorErrors, selectorText, specOf, workloadType } from '../workload-type.js';
import { workloadTemplateErrors } from './workload-template.js';

const HISTORY = 10;
const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];
const FIXED_TEXT =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

export const STATEFUL_SETS = workloadType({
  gvk: appsV1('StatefulSet'),
  plural: 'statefulsets',
  shortNames: ['sts'],
  inAll: true,
  namespaced: true,
  defaults,
  scale: selectorText,
  strategy: {
    prepareForCreate: (object) => {
      object.status = { replicas: 0 };
    },
    validateCreate: (object) => errors(specOf(object)),
    validateUpdate: (object, old) => [
      ...errors(specOf(object)),
      ...(deepEqual(fixed(object), fixed(old)) ? [] : [forbidden('spec', FIXED_TEXT)]),
    ],
  },
});

function fixed(object: KubeObject): JsonObject {
  return Object.fromEntries(Object.entries(specOf(object)).filter(([key]) => !CHANGEABLE.includes(key)));
}

function defaults(object: KubeObject): void {
  const spec = specOf(object);
  templateDefaults(spec);
  setDefault(spec, 'podManagementPolicy', 'OrderedReady');
  const strategy = readObject(spec, 'updateStrategy') ?? {};
  spec.updateStrategy = strategy;
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy.type === 'RollingUpdate') {
    const rolling = readObject(strategy, 'rollingUpdate') ?? {};
    strategy.rollingUpdate = rolling;
    rolling.partition ??= 0;
  }
  const retention = readObject(spec, 'persistentVolumeClaimRetentionPolicy') ?? {};
  spec.persistentVolumeClaimRetentionPolicy = retention;
  setDefault(retention, 'whenDeleted', 'Retain');
  setDefault(retention, 'whenScaled', 'Retain');
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= HISTORY;
  for (const claim of readObjects(spec, 'volumeClaimTemplates')) claimDefaults(claim);
}

function claimDefaults(claim: JsonObject): void {
  setDefault(claim, 'kind', 'PersistentVolumeClaim');
  setDefault(claim, 'apiVersion', 'v1');
  const spec = readObject(claim, 'spec');
  if (spec !== undefined) setDefault(spec, 'volumeMode', 'Filesystem');
  const status = readObject(claim, 'status') ?? {};
  claim.status = status;
  setDefault(status, 'phase', 'Pending');
}

function errors(spec: JsonObject): FieldError[] {
  const policy = readString(spec, 'podManagementPolicy');
  const known = ['OrderedReady', 'Parallel'];
  return [
    ...(known.includes(policy) ? [] : [notSupported('spec.podManagementPolicy', policy, known)]),
    ...notNegative(spec, ['replicas', 'minReadySeconds'], 'spec'),
    ...selectorErrors(spec, 'statefulset'),
    ...workloadTemplateErrors(spec),
  ];
}
