import { type FieldError, forbidden, invalid, notSupported } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readString } from '@kcp/apimachinery/schema/read';
import { validateImmutable } from '@kcp/apimachinery/validation/object-meta';
import { countOrShareErrors, notNegative, scaledValue } from '../numbers.js';
import { templateDefaults } from '../pod/pod-defaults.js';
import { setDefault } from '../set-default.js';
import { appsV1, selectorErrors, selectorText, specOf, workloadType } from '../workload-type.js';
import { workloadTemplateErrors } from './workload-template.js';

const SHARE = '25%';
const HISTORY = 10;
const DEADLINE_SECONDS = 600;

export const DEPLOYMENTS = workloadType({
  gvk: appsV1('Deployment'),
  plural: 'deployments',
  shortNames: ['deploy'],
  inAll: true,
  namespaced: true,
  defaults,
  scale: selectorText,
  strategy: {
    validateCreate: (object) => errors(specOf(object)),
    validateUpdate: (object, old) => [
      ...errors(specOf(object)),
      ...validateImmutable(specOf(object).selector, specOf(old).selector, 'spec.selector'),
    ],
  },
});

function defaults(object: KubeObject): void {
  const spec = specOf(object);
  templateDefaults(spec);
  spec.replicas ??= 1;
  const strategy = readObject(spec, 'strategy') ?? {};
  spec.strategy = strategy;
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy.type === 'RollingUpdate') {
    const rolling = readObject(strategy, 'rollingUpdate') ?? {};
    strategy.rollingUpdate = rolling;
    rolling.maxUnavailable ??= SHARE;
    rolling.maxSurge ??= SHARE;
  }
  spec.revisionHistoryLimit ??= HISTORY;
  spec.progressDeadlineSeconds ??= DEADLINE_SECONDS;
}

function errors(spec: JsonObject): FieldError[] {
  return [
    ...notNegative(spec, ['replicas'], 'spec'),
    ...selectorErrors(spec, 'deployment'),
    ...workloadTemplateErrors(spec),
    ...strategyErrors(readObject(spec, 'strategy') ?? {}),
    ...notNegative(spec, ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'], 'spec'),
    ...deadlineErrors(spec),
  ];
}

function strategyErrors(strategy: JsonObject): FieldError[] {
  const rolling = readObject(strategy, 'rollingUpdate');
  const field = 'spec.strategy.rollingUpdate';
  switch (readString(strategy, 'type')) {
    case 'Recreate':
      if (rolling === undefined) return [];
      return [forbidden(field, "may not be specified when strategy `type` is 'Recreate'")];
    case 'RollingUpdate':
      return rollingErrors(rolling ?? {}, field);
    default:
      return [notSupported('spec.strategy.type', readString(strategy, 'type'), ['Recreate', 'RollingUpdate'])];
  }
}

function rollingErrors(rolling: JsonObject, field: string): FieldError[] {
  const found = [
    ...countOrShareErrors(rolling, 'maxUnavailable', field, true),
    ...countOrShareErrors(rolling, 'maxSurge', field, false),
  ];
  if (found.length > 0) return found;
  const none = (name: string): boolean => scaledValue(rolling, name, 100, true) === 0;
  if (!none('maxUnavailable') || !none('maxSurge')) return [];
  return [invalid(`${field}.maxUnavailable`, rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0')];
}

function deadlineErrors(spec: JsonObject): FieldError[] {
  const deadline = readNumber(spec, 'progressDeadlineSeconds');
  if (deadline === undefined || deadline > (readNumber(spec, 'minReadySeconds') ?? 0)) return [];
  return [invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')];
}
