import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { compareQuantities, parseQuantity } from '@kcp/apimachinery/quantity/quantity';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { textEntries } from '@kcp/apiserver/builtins/core/data-entries';
import { specOf } from '../workload-type.js';

const TOLERATION_SECONDS = 300;
const COUNTED = ['cpu', 'memory'];

/** What upstream's ordinary admission plugins and its strategy set in a new pod. */
export function completePod(pod: KubeObject): void {
  const spec = specOf(pod);
  if (readString(spec, 'serviceAccountName') === '') {
    spec.serviceAccountName = 'default';
    spec.serviceAccount = 'default';
  }
  spec.priority ??= 0;
  spec.preemptionPolicy ??= 'PreemptLowerPriority';
  tolerate(spec, 'node.kubernetes.io/not-ready');
  tolerate(spec, 'node.kubernetes.io/unreachable');
  pod.status = { phase: 'Pending', qosClass: qosClass(spec) };
}

/** A node may be away for a while before its pods are given up (upstream's DefaultTolerationSeconds). */
function tolerate(spec: JsonObject, key: string): void {
  const tolerations = readObjects(spec, 'tolerations');
  const covered = tolerations.some(
    (one) =>
      (readString(one, 'key') === key || readString(one, 'key') === '') &&
      (readString(one, 'effect') === 'NoExecute' || readString(one, 'effect') === ''),
  );
  if (covered) return;
  const added = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATION_SECONDS };
  spec.tolerations = [...tolerations, added];
}

/** Guaranteed: all containers limit cpu and memory and ask for just that. BestEffort: none asks for anything. */
function qosClass(spec: JsonObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...readObjects(spec, 'containers'), ...readObjects(spec, 'initContainers')];
  const resources = containers.map((container) => readObject(container, 'resources') ?? {});
  const asks = resources.some((one) => counted(one, 'requests').size > 0 || counted(one, 'limits').size > 0);
  if (!asks) return 'BestEffort';
  return resources.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function isGuaranteed(resources: JsonObject): boolean {
  const [limits, requests] = [counted(resources, 'limits'), counted(resources, 'requests')];
  return COUNTED.every((name) => {
    const [limit, request] = [limits.get(name), requests.get(name)];
    if (limit === undefined || request === undefined) return false;
    return compareQuantities(parseQuantity(limit), parseQuantity(request)) === 0;
  });
}

function counted(resources: JsonObject, name: string): ReadonlyMap<string, string> {
  if (!isObject(resources[name])) return new Map();
  return new Map(textEntries(resources, name).filter(([resource]) => COUNTED.includes(resource)));
}
