import { formatGoTime } from '@kcp/apimachinery/codec/go-time';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { conditionsOf, withCondition } from '@kcp/controllers/controller/conditions';
import { specOf, statusOf } from '../controllers/pod-facts.js';

/** How a container is, as its node sees it. */
export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly kind: 'running'; readonly startedMs: number }
  | {
      readonly kind: 'terminated';
      readonly exitCode: number;
      readonly reason: string;
      readonly startedMs: number;
      readonly finishedMs: number;
    };

export interface ContainerReport {
  readonly state: ContainerState;
  readonly last?: ContainerState | undefined;
  readonly restarts: number;
  readonly ready: boolean;
}

export interface PodReport {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly container: ContainerReport;
  /** Empty before it has one. */
  readonly address: string;
  readonly hostAddress: string;
  readonly startMs: number;
  /** Every change of the pod's own is told with the time it was seen. */
  readonly nowMs: number;
}

/** The status of a pod as its node writes it. All containers share one fate. */
export function podStatus(pod: KubeObject, report: PodReport): JsonObject {
  const { phase, container, address, hostAddress, startMs, nowMs } = report;
  const before = statusOf(pod);
  const containers = readObjects(specOf(pod), 'containers');
  const initial = readObjects(specOf(pod), 'initContainers');
  return {
    ...before,
    phase,
    conditions: conditions(conditionsOf(before), report),
    hostIP: hostAddress,
    hostIPs: [{ ip: hostAddress }],
    ...(address === '' ? {} : { podIP: address, podIPs: [{ ip: address }] }),
    startTime: readString(before, 'startTime') || time(startMs),
    ...(initial.length === 0
      ? {}
      : { initContainerStatuses: initial.map((one) => initialStatus(one, startMs, nowMs)) }),
    containerStatuses: containers.map((one) => containerStatus(pod, one, container)),
  };
}

function conditions(known: readonly JsonObject[], { phase, container, nowMs }: PodReport): JsonObject[] {
  const done = phase === 'Succeeded';
  const reason = done ? 'PodCompleted' : 'ContainersNotReady';
  const message = done ? '' : 'containers are not ready';
  const ready = (type: string): Parameters<typeof withCondition>[1] =>
    container.ready ? { type, status: 'True', reason: '', message: '' } : { type, status: 'False', reason, message };
  const holding = (type: string): Parameters<typeof withCondition>[1] => ({
    type,
    status: 'True',
    reason: '',
    message: '',
  });
  let result = [...known];
  const all = [holding('PodScheduled'), holding('Initialized'), ready('ContainersReady'), ready('Ready')];
  for (const wanted of all) {
    const same = result.some((one) => one.type === wanted.type && one.status === wanted.status);
    if (!same) result = withCondition(result, wanted, nowMs).map(withoutEmpty);
  }
  return result;
}

function withoutEmpty(condition: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(condition).filter(([, value]) => value !== ''));
}

function containerStatus(pod: KubeObject, container: JsonObject, report: ContainerReport): JsonObject {
  const image = readString(container, 'image');
  const running = report.state.kind === 'running';
  const id = `sim://${pod.metadata.uid}/${readString(container, 'name')}/${report.restarts}`;
  return {
    name: readString(container, 'name'),
    state: stateOf(report.state),
    lastState: report.last === undefined ? {} : stateOf(report.last),
    ready: report.ready,
    restartCount: report.restarts,
    image,
    imageID: report.state.kind === 'waiting' ? '' : `sim://${image}`,
    ...(report.state.kind === 'waiting' && report.last === undefined ? {} : { containerID: id }),
    started: running,
  };
}

function initialStatus(container: JsonObject, startMs: number, nowMs: number): JsonObject {
  const image = readString(container, 'image');
  const done: ContainerState = {
    kind: 'terminated',
    exitCode: 0,
    reason: 'Completed',
    startedMs: startMs,
    finishedMs: nowMs,
  };
  const name = readString(container, 'name');
  return { name, state: stateOf(done), lastState: {}, ready: true, restartCount: 0, image, imageID: `sim://${image}` };
}

function stateOf(state: ContainerState): JsonObject {
  switch (state.kind) {
    case 'waiting':
      return { waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) } };
    case 'running':
      return { running: { startedAt: time(state.startedMs) } };
    case 'terminated': {
      const { exitCode, reason, startedMs, finishedMs } = state;
      return { terminated: { exitCode, reason, startedAt: time(startedMs), finishedAt: time(finishedMs) } };
    }
  }
}

function time(ms: number): string {
  return formatGoTime(Math.floor(ms / 1_000));
}

/** The pod says so itself, in an annotation. */
export function annotationOf(pod: KubeObject, name: string): string | undefined {
  return pod.metadata.annotations?.[name];
}

export function restartPolicyOf(pod: KubeObject): string {
  return readString(readObject(pod, 'spec') ?? {}, 'restartPolicy');
}
