import type { FieldError } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readNumber, readObject } from '@kcp/apimachinery/schema/read';
import { validateImmutable } from '@kcp/apimachinery/validation/object-meta';
import { notNegative } from '../numbers.js';
import { templateDefaults } from '../pod/pod-defaults.js';
import { appsV1, selectorErrors, selectorText, specOf, workloadType } from '../workload-type.js';
import { workloadTemplateErrors } from './workload-template.js';

export const REPLICA_SETS = workloadType({
  gvk: appsV1('ReplicaSet'),
  plural: 'replicasets',
  shortNames: ['rs'],
  inAll: true,
  namespaced: true,
  defaults: (object) => {
    templateDefaults(specOf(object));
    specOf(object).replicas ??= 1;
  },
  selectableFields: { 'status.replicas': statusReplicas },
  scale: selectorText,
  strategy: {
    prepareForCreate: (object) => {
      object.status = { replicas: 0 };
    },
    validateCreate: (object) => errors(specOf(object)),
    validateUpdate: (object, old) => [
      ...errors(specOf(object)),
      ...validateImmutable(specOf(object).selector, specOf(old).selector, 'spec.selector'),
    ],
  },
});

function statusReplicas(object: JsonObject): string {
  return String(readNumber(readObject(object, 'status') ?? {}, 'replicas') ?? 0);
}

function errors(spec: JsonObject): FieldError[] {
  return [
    ...notNegative(spec, ['replicas', 'minReadySeconds'], 'spec'),
    ...selectorErrors(spec, 'replicaset'),
    ...workloadTemplateErrors(spec),
  ];
}
