import type { JsonObject } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { readBoolean, readNumber, readObject, readObjects, readString } from '../schema/read.js';
import { specOf, statusOf } from './workload-cells.js';

/** What the rows of pods say of their containers. */
export interface PodState {
  readonly ready: number;
  readonly total: number;
  readonly reason: string;
  readonly restarts: number;
  /** RFC 3339 time of the last restart; empty without one. */
  readonly lastRestart: string;
}

/** Sums up a pod as upstream's printer does: what keeps it from running says more than its phase. */
export function podState(pod: KubeObject): PodState {
  const [spec, status] = [specOf(pod), statusOf(pod)];
  const containers = readObjects(status, 'containerStatuses');
  const sidecars = sidecarStatuses(spec, status);
  const initial = initReason(spec, status);
  const shown = initial ?? containerReason(containers, phaseReason(status), readyCondition(status));
  const counted = [...sidecars, ...(initial === undefined ? containers : [])];
  return {
    ready: [...sidecars, ...containers].filter((one) => readBoolean(one, 'ready') && isRunning(one)).length,
    total: readObjects(spec, 'containers').length + sidecarNames(spec).size,
    reason: deletionReason(pod, status, shown),
    restarts: counted.reduce((sum, one) => sum + (readNumber(one, 'restartCount') ?? 0), 0),
    lastRestart: counted.map(finishedBefore).sort().at(-1) ?? '',
  };
}

function phaseReason(status: JsonObject): string {
  const gated = readObjects(status, 'conditions').some(
    (one) => readString(one, 'type') === 'PodScheduled' && readString(one, 'reason') === 'SchedulingGated',
  );
  if (gated) return 'SchedulingGated';
  return readString(status, 'reason') || readString(status, 'phase');
}

function readyCondition(status: JsonObject): boolean {
  return readObjects(status, 'conditions').some(
    (one) => readString(one, 'type') === 'Ready' && readString(one, 'status') === 'True',
  );
}

function containerReason(containers: readonly JsonObject[], phase: string, ready: boolean): string {
  let reason = phase;
  let running = false;
  for (const container of [...containers].reverse()) {
    const state = readObject(container, 'state') ?? {};
    const waiting = readString(readObject(state, 'waiting') ?? {}, 'reason');
    const terminated = readObject(state, 'terminated');
    if (waiting !== '') reason = waiting;
    else if (terminated !== undefined) reason = terminatedReason(terminated);
    else if (readBoolean(container, 'ready') && isRunning(container)) running = true;
  }
  if (reason !== 'Completed' || !running) return reason;
  return ready ? 'Running' : 'NotReady';
}

function terminatedReason(terminated: JsonObject): string {
  const reason = readString(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = readNumber(terminated, 'signal') ?? 0;
  return signal === 0 ? `ExitCode:${readNumber(terminated, 'exitCode') ?? 0}` : `Signal:${signal}`;
}

function deletionReason(pod: KubeObject, status: JsonObject, reason: string): string {
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (readString(status, 'reason') === 'NodeLost') return 'Unknown';
  const phase = readString(status, 'phase');
  return phase === 'Failed' || phase === 'Succeeded' ? reason : 'Terminating';
}

/** Why init containers hold the pod up; undefined when they are done. */
function initReason(spec: JsonObject, status: JsonObject): string | undefined {
  const sidecars = sidecarNames(spec);
  const total = readObjects(spec, 'initContainers').length;
  for (const [index, container] of readObjects(status, 'initContainerStatuses').entries()) {
    const state = readObject(container, 'state') ?? {};
    const terminated = readObject(state, 'terminated');
    if (terminated !== undefined && (readNumber(terminated, 'exitCode') ?? 0) === 0) continue;
    if (sidecars.has(readString(container, 'name')) && readBoolean(container, 'started')) continue;
    if (terminated !== undefined) return `Init:${terminatedReason(terminated)}`;
    const waiting = readString(readObject(state, 'waiting') ?? {}, 'reason');
    return waiting !== '' && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${index}/${total}`;
  }
  return undefined;
}

function sidecarNames(spec: JsonObject): ReadonlySet<string> {
  const sidecars = readObjects(spec, 'initContainers').filter((one) => readString(one, 'restartPolicy') === 'Always');
  return new Set(sidecars.map((one) => readString(one, 'name')));
}

function sidecarStatuses(spec: JsonObject, status: JsonObject): JsonObject[] {
  const names = sidecarNames(spec);
  return readObjects(status, 'initContainerStatuses').filter((one) => names.has(readString(one, 'name')));
}

function isRunning(container: JsonObject): boolean {
  return readObject(readObject(container, 'state') ?? {}, 'running') !== undefined;
}

function finishedBefore(container: JsonObject): string {
  const last = readObject(readObject(container, 'lastState') ?? {}, 'terminated');
  return readString(last ?? {}, 'finishedAt');
}
