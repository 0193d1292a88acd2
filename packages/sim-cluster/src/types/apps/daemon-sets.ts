import { type FieldError, notSupported } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { validateImmutable } from '@kcp/apimachinery/validation/object-meta';
import { countOrShareErrors, notNegative } from '../numbers.js';
import { templateDefaults } from '../pod/pod-defaults.js';
import { setDefault } from '../set-default.js';
import { appsV1, selectorErrors, specOf, workloadType } from '../workload-type.js';
import { workloadTemplateErrors } from './workload-template.js';

const HISTORY = 10;
const STRATEGIES = ['OnDelete', 'RollingUpdate'];

export const DAEMON_SETS = workloadType({
  gvk: appsV1('DaemonSet'),
  plural: 'daemonsets',
  shortNames: ['ds'],
  inAll: true,
  namespaced: true,
  defaults,
  strategy: {
    prepareForCreate: (object) => {
      object.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
    },
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
  const strategy = readObject(spec, 'updateStrategy') ?? {};
  spec.updateStrategy = strategy;
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy.type === 'RollingUpdate') {
    const rolling = readObject(strategy, 'rollingUpdate') ?? {};
    strategy.rollingUpdate = rolling;
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= HISTORY;
}

function errors(spec: JsonObject): FieldError[] {
  const strategy = readObject(spec, 'updateStrategy') ?? {};
  const type = readString(strategy, 'type');
  const rolling = readObject(strategy, 'rollingUpdate') ?? {};
  const field = 'spec.updateStrategy.rollingUpdate';
  return [
    ...selectorErrors(spec, 'daemonset'),
    ...workloadTemplateErrors(spec),
    ...notNegative(spec, ['minReadySeconds', 'revisionHistoryLimit'], 'spec'),
    ...(STRATEGIES.includes(type) ? [] : [notSupported('spec.updateStrategy.type', type, STRATEGIES)]),
    ...countOrShareErrors(rolling, 'maxUnavailable', field, true),
    ...countOrShareErrors(rolling, 'maxSurge', field, true),
  ];
}
