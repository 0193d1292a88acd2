import { type FieldError, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readBoolean, readObject, readString } from '@kcp/apimachinery/schema/read';
import { validateImmutable } from '@kcp/apimachinery/validation/object-meta';
import { notNegative } from '../numbers.js';
import { templateDefaults } from '../pod/pod-defaults.js';
import { templateErrors, textMap } from '../pod/validate-pod.js';
import { setDefault } from '../set-default.js';
import { selectorErrors, specOf, workloadType } from '../workload-type.js';

const BACKOFF_LIMIT = 6;
const MODES = ['Indexed', 'NonIndexed'];
const PREFIX = 'batch.kubernetes.io/';

export const JOBS = workloadType({
  gvk: { group: 'batch', version: 'v1', kind: 'Job' },
  plural: 'jobs',
  inAll: true,
  namespaced: true,
  defaults: (job) => jobSpecDefaults(specOf(job)),
  strategy: {
    prepareForCreate: generateSelector,
    validateCreate: (job) => errors(specOf(job)),
    validateUpdate: (job, old) => [
      ...errors(specOf(job)),
      ...['selector', 'template', 'completions', 'completionMode'].flatMap((name) =>
        validateImmutable(specOf(job)[name], specOf(old)[name], `spec.${name}`),
      ),
    ],
  },
});

/** Fills the defaults of a JobSpec in place. */
export function jobSpecDefaults(spec: JsonObject): void {
  templateDefaults(spec);
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= BACKOFF_LIMIT;
  setDefault(spec, 'completionMode', 'NonIndexed');
  spec.suspend ??= false;
  setDefault(spec, 'podReplacementPolicy', 'TerminatingOrFailed');
  spec.manualSelector ??= false;
}

/** A job finds its pods by its uid, unless its author wants otherwise. */
function generateSelector(job: KubeObject): void {
  const spec = specOf(job);
  if (readBoolean(spec, 'manualSelector')) return;
  const { uid = '', name = '' } = job.metadata;
  const own = { 'controller-uid': uid, 'job-name': name };
  const prefixed = { [`${PREFIX}controller-uid`]: uid, [`${PREFIX}job-name`]: name };
  const template = readObject(spec, 'template') ?? {};
  const metadata = readObject(template, 'metadata') ?? {};
  spec.selector = { matchLabels: { [`${PREFIX}controller-uid`]: uid } };
  spec.template = {
    ...template,
    metadata: { ...metadata, labels: { ...textMap(metadata, 'labels'), ...own, ...prefixed } },
  };
}

function errors(spec: JsonObject): FieldError[] {
  return [...jobSpecErrors(spec, 'spec'), ...selectorErrors(spec, 'job')];
}

/** Faults of a JobSpec but for its selector. */
export function jobSpecErrors(spec: JsonObject, field: string): FieldError[] {
  const template = readObject(spec, 'template') ?? {};
  const found = notNegative(
    spec,
    ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'],
    field,
  );
  const mode = readString(spec, 'completionMode');
  if (!MODES.includes(mode)) found.push(notSupported(`${field}.completionMode`, mode, MODES));
  const policy = readString(readObject(template, 'spec') ?? {}, 'restartPolicy');
  if (policy !== 'OnFailure' && policy !== 'Never') {
    found.push(required(`${field}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  }
  return [...found, ...templateErrors(template, `${field}.template`)];
}
