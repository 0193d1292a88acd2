import { type FieldError, invalid, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { notNegative } from '../numbers.js';
import { setDefault } from '../set-default.js';
import { specOf, workloadType } from '../workload-type.js';
import { jobSpecDefaults, jobSpecErrors } from './jobs.js';

const POLICIES = ['Allow', 'Forbid', 'Replace'];
const SUCCESSES_KEPT = 3;
const FAILURES_KEPT = 1;

export const CRON_JOBS = workloadType({
  gvk: { group: 'batch', version: 'v1', kind: 'CronJob' },
  plural: 'cronjobs',
  shortNames: ['cj'],
  inAll: true,
  namespaced: true,
  defaults: (object) => {
    const spec = specOf(object);
    setDefault(spec, 'concurrencyPolicy', 'Allow');
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= SUCCESSES_KEPT;
    spec.failedJobsHistoryLimit ??= FAILURES_KEPT;
    const job = readObject(readObject(spec, 'jobTemplate') ?? {}, 'spec');
    if (job !== undefined) templateDefaultsOf(job);
  },
  strategy: {
    validateCreate: (object) => errors(specOf(object)),
    validateUpdate: (object) => errors(specOf(object)),
  },
});

/** A template of jobs has no defaults that a job has only once it exists. */
function templateDefaultsOf(job: JsonObject): void {
  const { completions, parallelism, backoffLimit, completionMode, suspend, podReplacementPolicy, manualSelector } = job;
  const stated = {
    completions,
    parallelism,
    backoffLimit,
    completionMode,
    suspend,
    podReplacementPolicy,
    manualSelector,
  };
  jobSpecDefaults(job);
  for (const [name, value] of Object.entries(stated)) if (value === undefined) delete job[name];
}

function errors(spec: JsonObject): FieldError[] {
  const schedule = readString(spec, 'schedule');
  const policy = readString(spec, 'concurrencyPolicy');
  const job = readObject(readObject(spec, 'jobTemplate') ?? {}, 'spec') ?? {};
  return [
    ...(schedule === '' ? [required('spec.schedule')] : scheduleErrors(schedule)),
    ...notNegative(spec, ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'], 'spec'),
    ...(POLICIES.includes(policy) ? [] : [notSupported('spec.concurrencyPolicy', policy, POLICIES)]),
    ...jobSpecErrors({ completionMode: 'NonIndexed', ...job }, 'spec.jobTemplate.spec'),
  ];
}

const FIELDS = 5;

function scheduleErrors(schedule: string): FieldError[] {
  const parts = schedule.trim().split(/\s+/);
  if (schedule.startsWith('@') || parts.length === FIELDS) return [];
  return [
    invalid(
      'spec.schedule',
      schedule,
      `expected exactly ${FIELDS} fields, found ${parts.length}: [${parts.join(' ')}]`,
    ),
  ];
}
