import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readBoolean, readString } from '@kcp/apimachinery/schema/read';
import type { Condition } from '@kcp/controllers/controller/conditions';
import { specOf } from '../pod-facts.js';
import { deadlineOf, isComplete, isProgressing, progressOf } from './deployment-status.js';

/** What there is to say of a rollout's progress. */
export interface Progress {
  /** Undefined: what was said before still holds. */
  readonly condition: Condition | undefined;
  /** When to look whether it is stuck, in milliseconds from now. */
  readonly lookAgainMs: number | undefined;
}

const NOTHING: Progress = { condition: undefined, lookAgainMs: undefined };

/** How a rollout stands (upstream's `syncRolloutStatus`); `current` is the set of the present template. */
export function progress(
  deployment: KubeObject,
  current: KubeObject | undefined,
  counts: JsonObject,
  now: number,
): Progress {
  const deadline = deadlineOf(deployment);
  if (deadline === undefined) return NOTHING;
  const known = progressOf(deployment);
  const reason = readString(known ?? {}, 'reason');
  if (readBoolean(specOf(deployment), 'paused')) return paused(reason);
  if (reason === 'DeploymentPaused') return told('Unknown', 'DeploymentResumed', 'Deployment is resumed');
  const subject =
    current === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${current.metadata.name}"`;
  const settled = counts.replicas === counts.updatedReplicas && reason === 'NewReplicaSetAvailable';
  if (settled) return NOTHING;
  if (isComplete(deployment, counts)) {
    return told('True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`);
  }
  if (isProgressing(deployment, counts)) {
    const moving = told('True', 'ReplicaSetUpdated', `${subject} is progressing.`);
    return { ...moving, lookAgainMs: deadline };
  }
  if (reason === 'ProgressDeadlineExceeded') return NOTHING;
  if (known === undefined && current !== undefined) {
    const begun = told('True', 'NewReplicaSetCreated', `Created new replica set "${current.metadata.name}"`);
    return { ...begun, lookAgainMs: deadline };
  }
  const left = Date.parse(readString(known ?? {}, 'lastUpdateTime')) + deadline - now;
  if (left <= 0) return told('False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`);
  return { condition: undefined, lookAgainMs: Number.isNaN(left) ? deadline : left };
}

function paused(reason: string): Progress {
  // That a rollout had timed out stays known while it is paused.
  if (reason === 'ProgressDeadlineExceeded' || reason === 'DeploymentPaused') return NOTHING;
  return told('Unknown', 'DeploymentPaused', 'Deployment is paused');
}

function told(status: Condition['status'], reason: string, message: string): Progress {
  return { condition: { type: 'Progressing', status, reason, message }, lookAgainMs: undefined };
}
