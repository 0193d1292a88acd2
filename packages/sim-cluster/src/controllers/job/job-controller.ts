import { formatGoTime } from '@kcp/apimachinery/codec/go-time';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readBoolean, readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Again } from '@kcp/client/queue/work-queue';
import type { Condition } from '@kcp/controllers/controller/conditions';
import type { Environment } from '@kcp/controllers/controller/environment';
import { unlessGone } from '@kcp/controllers/controller/unless-gone';
import type { ObjectInformer } from '../object-informer.js';
import { type Owner, PodOwners } from '../owned-pods.js';
import { isActive, isDeleted, isReady, phaseOf, specOf, statusOf } from '../pod-facts.js';
import { positive } from '../replica-set/replica-set-controller.js';
import { JOBS } from '../resources.js';

const BACKOFF_LIMIT = 6;

interface Counts {
  readonly active: readonly KubeObject[];
  readonly succeeded: number;
  readonly failed: number;
}

/** Runs pods until enough of them have succeeded, or too many have failed. */
export class JobController {
  readonly #environment: Environment;
  readonly #owners: PodOwners;

  constructor(environment: Environment, jobs: ObjectInformer, pods: ObjectInformer) {
    this.#environment = environment;
    this.#owners = new PodOwners({
      environment,
      resource: JOBS,
      kind: 'Job',
      component: 'job-controller',
      owners: jobs,
      pods,
      reconcile: (owner) => this.#reconcile(owner),
    });
  }

  start(): void {
    this.#owners.start();
  }

  stop(): Promise<void> {
    return this.#owners.stop();
  }

  async #reconcile(owner: Owner): Promise<Again | undefined> {
    const { object, pods } = owner;
    if (isDeleted(object)) return undefined;
    if (isFinished(object)) return this.#expire(owner);
    const counts: Counts = {
      active: pods.filter(isActive),
      succeeded: pods.filter((pod) => phaseOf(pod) === 'Succeeded').length,
      failed: pods.filter((pod) => phaseOf(pod) === 'Failed').length,
    };
    const verdict = verdictOf(object, counts);
    const active = await this.#bring(owner, counts, verdict !== undefined);
    await this.#owners.tell(owner, this.#statusOf(object, { ...counts, active }, verdict));
    return undefined;
  }

  /** The pods that then run. */
  async #bring(owner: Owner, { active, succeeded }: Counts, over: boolean): Promise<readonly KubeObject[]> {
    const { object, key, signal } = owner;
    const spec = specOf(object);
    const parallel = readNumber(spec, 'parallelism') ?? 1;
    const completions = readNumber(spec, 'completions');
    // Without a number to reach, one success is the beginning of the end.
    const left = completions === undefined ? (succeeded > 0 ? active.length : parallel) : completions - succeeded;
    const wanted = over || readBoolean(spec, 'suspend') ? 0 : Math.max(0, Math.min(parallel, left));
    for (const pod of active.slice(wanted)) await this.#owners.writer.delete(key.cluster, object, pod, signal);
    const made: KubeObject[] = [];
    const template = readObject(spec, 'template') ?? {};
    for (let missing = wanted - active.length; missing > 0; missing--) {
      made.push(await this.#owners.writer.create({ cluster: key.cluster, owner: object, template, signal }));
    }
    return [...active.slice(0, wanted), ...made];
  }

  #statusOf(job: KubeObject, { active, succeeded, failed }: Counts, verdict: Condition | undefined): JsonObject {
    const now = formatGoTime(Math.floor(this.#environment.clock.now() / 1_000));
    const known = statusOf(job);
    const suspended = readBoolean(specOf(job), 'suspend');
    const startTime = readString(known, 'startTime') || (suspended ? '' : now);
    const conditions = conditionsOf(known, verdict, suspended, now);
    return {
      ...(conditions.length === 0 ? {} : { conditions }),
      ...(startTime === '' ? {} : { startTime }),
      ...(verdict?.type === 'Complete' ? { completionTime: now } : {}),
      ...positive('active', active.length),
      ...positive('succeeded', succeeded),
      ...positive('failed', failed),
      terminating: 0,
      uncountedTerminatedPods: {},
      ready: active.filter(isReady).length,
    };
  }

  /** A finished job goes when its time is over. */
  async #expire({ key, object, signal }: Owner): Promise<Again | undefined> {
    const life = readNumber(specOf(object), 'ttlSecondsAfterFinished');
    const finished = finishedOf(object);
    if (life === undefined || finished === undefined) return undefined;
    const since = Date.parse(readString(finished, 'lastTransitionTime'));
    const left = since + life * 1_000 - this.#environment.clock.now();
    if (left > 0) return { afterMs: left };
    const { namespace, name } = key;
    const options = { propagationPolicy: 'Foreground', signal } as const;
    await unlessGone(this.#environment.client.in(key.cluster).delete(JOBS, { namespace, name }, options));
    return undefined;
  }
}

function finishedOf(job: KubeObject): JsonObject | undefined {
  return readObjects(statusOf(job), 'conditions').find(
    (one) => (one.type === 'Complete' || one.type === 'Failed') && one.status === 'True',
  );
}

function isFinished(job: KubeObject): boolean {
  return finishedOf(job) !== undefined;
}

function verdictOf(job: KubeObject, { active, succeeded, failed }: Counts): Condition | undefined {
  const spec = specOf(job);
  const completions = readNumber(spec, 'completions');
  const enough = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
  if (enough) {
    const message = 'Reached expected number of succeeded pods';
    return { type: 'Complete', status: 'True', reason: 'CompletionsReached', message };
  }
  if (failed <= (readNumber(spec, 'backoffLimit') ?? BACKOFF_LIMIT)) return undefined;
  const message = 'Job has reached the specified backoff limit';
  return { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message };
}

/** A verdict is announced by what led to it; a job that is held up says so. */
function conditionsOf(
  status: JsonObject,
  verdict: Condition | undefined,
  suspended: boolean,
  now: string,
): JsonObject[] {
  const known = readObjects(status, 'conditions');
  const made = ({ type, status: state, reason, message }: Condition): JsonObject => ({
    type,
    status: state,
    lastProbeTime: now,
    lastTransitionTime: now,
    reason,
    message,
  });
  const before = known.find((one) => one.type === 'Suspended');
  const others = known.filter((one) => one.type !== 'Suspended');
  const told = suspended || before !== undefined ? [suspension(before, suspended, made)] : [];
  if (verdict === undefined) return [...others, ...told];
  const first = { ...verdict, type: verdict.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget' };
  return [...others, ...told, made(first), made(verdict)];
}

function suspension(
  before: JsonObject | undefined,
  suspended: boolean,
  made: (condition: Condition) => JsonObject,
): JsonObject {
  const status = suspended ? 'True' : 'False';
  if (before?.status === status) return before;
  const [reason, message] = suspended ? ['JobSuspended', 'Job suspended'] : ['JobResumed', 'Job resumed'];
  return made({ type: 'Suspended', status, reason, message });
}
