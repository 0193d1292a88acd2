import { type FieldError, invalid, required } from '@kcp/apimachinery/errors/field-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readString } from '@kcp/apimachinery/schema/read';
import { validateImmutable } from '@kcp/apimachinery/validation/object-meta';
import { builtinStrategy } from '@kcp/apiserver/builtins/builtin-strategy';
import { builtinType } from '@kcp/apiserver/builtins/builtin-type';
import { countOrShareErrors } from '../numbers.js';
import { setDefault } from '../set-default.js';
import { specOf, workloadType } from '../workload-type.js';

export const DISRUPTION_BUDGETS = workloadType({
  gvk: { group: 'policy', version: 'v1', kind: 'PodDisruptionBudget' },
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  namespaced: true,
  strategy: {
    prepareForCreate: (budget) => {
      budget.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
    },
    validateCreate: budgetErrors,
    validateUpdate: budgetErrors,
  },
});

function budgetErrors(budget: KubeObject): FieldError[] {
  const spec = specOf(budget);
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    return [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')];
  }
  return ['minAvailable', 'maxUnavailable'].flatMap((name) => countOrShareErrors(spec, name, 'spec', true));
}

export const AUTOSCALERS = workloadType({
  gvk: { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  inAll: true,
  namespaced: true,
  defaults: (object) => {
    specOf(object).minReplicas ??= 1;
  },
  strategy: {
    generation: 'none',
    prepareForCreate: (object) => {
      object.status = { desiredReplicas: 0, currentMetrics: null };
    },
    validateCreate: autoscalerErrors,
    validateUpdate: autoscalerErrors,
  },
});

function autoscalerErrors(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  const [least, most] = [readNumber(spec, 'minReplicas') ?? 1, readNumber(spec, 'maxReplicas') ?? 0];
  const target = readObject(spec, 'scaleTargetRef') ?? {};
  const errors: FieldError[] = [];
  if (least < 1) errors.push(invalid('spec.minReplicas', least, 'must be greater than or equal to 1'));
  if (most < 1) errors.push(invalid('spec.maxReplicas', most, 'must be greater than 0'));
  if (most < least) {
    errors.push(invalid('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`'));
  }
  for (const name of ['kind', 'name']) {
    if (readString(target, name) === '') errors.push(required(`spec.scaleTargetRef.${name}`));
  }
  return errors;
}

export const PRIORITY_CLASSES = builtinType({
  gvk: { group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass' },
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  defaults: (object) => setDefault(object, 'preemptionPolicy', 'PreemptLowerPriority'),
  strategy: builtinStrategy({
    generation: 'allButMetadata',
    validateUpdate: (object, old) => [
      ...validateImmutable(object.value, old.value, 'value'),
      ...validateImmutable(object.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy'),
    ],
  }),
});

export const STORAGE_CLASSES = builtinType({
  gvk: { group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass' },
  plural: 'storageclasses',
  shortNames: ['sc'],
  namespaced: false,
  defaults: (object) => {
    setDefault(object, 'reclaimPolicy', 'Delete');
    setDefault(object, 'volumeBindingMode', 'Immediate');
  },
  strategy: builtinStrategy({
    validateCreate: (object) => (readString(object, 'provisioner') === '' ? [required('provisioner')] : []),
  }),
});
