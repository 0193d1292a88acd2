import type { FieldError } from '@kcp/apimachinery/errors/field-error';
import { invalid, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects } from '@kcp/apimachinery/schema/read';
import { builtinStrategy } from '@kcp/apiserver/builtins/builtin-strategy';
import { builtinType } from '@kcp/apiserver/builtins/builtin-type';
import { coreV1 } from '@kcp/apiserver/builtins/core/core-group';
import { notNegative } from '../numbers.js';
import { templateDefaults } from '../pod/pod-defaults.js';
import { templateErrors, textMap } from '../pod/validate-pod.js';
import { setDefault } from '../set-default.js';
import { specOf, workloadType } from '../workload-type.js';

export const ENDPOINTS = builtinType({
  gvk: coreV1('Endpoints'),
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  defaults: (endpoints) => {
    for (const subset of readObjects(endpoints, 'subsets')) {
      for (const port of readObjects(subset, 'ports')) setDefault(port, 'protocol', 'TCP');
    }
  },
  strategy: builtinStrategy({ createOnUpdate: true }),
});

export const POD_TEMPLATES = builtinType({
  gvk: coreV1('PodTemplate'),
  plural: 'podtemplates',
  namespaced: true,
  defaults: templateDefaults,
  strategy: builtinStrategy({
    deleteReturnsObject: true,
    validateCreate: (object) => templateErrors(readObject(object, 'template') ?? {}, 'template'),
    validateUpdate: (object) => templateErrors(readObject(object, 'template') ?? {}, 'template'),
  }),
});

export const REPLICATION_CONTROLLERS = workloadType({
  gvk: coreV1('ReplicationController'),
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  inAll: true,
  namespaced: true,
  defaults: controllerDefaults,
  scale: (object) =>
    Object.entries(textMap(specOf(object), 'selector'))
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join(','),
  strategy: {
    prepareForCreate: (object) => {
      object.status = { replicas: 0 };
    },
    validateCreate: (object) => controllerErrors(specOf(object)),
    validateUpdate: (object) => controllerErrors(specOf(object)),
  },
});

/** Labels of the template stand in for the controller's own and for its selector. */
function controllerDefaults(object: KubeObject): void {
  const spec = specOf(object);
  templateDefaults(spec);
  spec.replicas ??= 1;
  const labels = textMap(readObject(readObject(spec, 'template') ?? {}, 'metadata') ?? {}, 'labels');
  if (Object.keys(labels).length === 0) return;
  if (Object.keys(textMap(spec, 'selector')).length === 0) spec.selector = { ...labels };
  if (Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels };
}

function controllerErrors(spec: JsonObject): FieldError[] {
  const template = readObject(spec, 'template');
  const selector = textMap(spec, 'selector');
  const errors = notNegative(spec, ['replicas', 'minReadySeconds'], 'spec');
  if (Object.keys(selector).length === 0) errors.push(required('spec.selector'));
  if (template === undefined) return [...errors, required('spec.template')];
  const labels = textMap(readObject(template, 'metadata') ?? {}, 'labels');
  const matches = Object.entries(selector).every(([key, value]) => labels[key] === value);
  if (!matches) {
    errors.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  return [...errors, ...templateErrors(template, 'spec.template')];
}
