import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { addQuantities, compareQuantities, parseQuantity, type Quantity } from '@kcp/apimachinery/quantity/quantity';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { PODS_PER_NODE_MAX } from '../../limits.js';
import { conditionOf, specOf, statusOf, texts } from '../pod-facts.js';

const COUNTED = ['cpu', 'memory'];
const ZERO = parseQuantity('0');

/** Why a node does not take a pod, in upstream's words; undefined when it does. `there`: the pods it has. */
export function whyNot(pod: KubeObject, node: KubeObject, there: readonly KubeObject[]): string | undefined {
  if (specOf(node).unschedulable === true && !toleratesUnschedulable(pod)) return 'node(s) were unschedulable';
  const taint = readObjects(specOf(node), 'taints').find((one) => keepsOff(one) && !tolerates(pod, one));
  if (taint !== undefined) return `node(s) had untolerated taint(s)`;
  if (!selects(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  if (readString(conditionOf(node, 'Ready') ?? {}, 'status') !== 'True') return 'node(s) were not ready';
  if (there.length >= podsMax(node)) return 'Too many pods';
  return lacking(pod, node, there);
}

function podsMax(node: KubeObject): number {
  return Number(texts(statusOf(node), 'allocatable').pods ?? PODS_PER_NODE_MAX);
}

function keepsOff(taint: JsonObject): boolean {
  return readString(taint, 'effect') !== 'PreferNoSchedule';
}

function toleratesUnschedulable(pod: KubeObject): boolean {
  return tolerates(pod, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' });
}

/** Upstream's `ToleratesTaint`. */
export function tolerates(pod: KubeObject, taint: JsonObject): boolean {
  return tolerationOf(pod, taint) !== undefined;
}

export function tolerationOf(pod: KubeObject, taint: JsonObject): JsonObject | undefined {
  return readObjects(specOf(pod), 'tolerations').find((toleration) => {
    const effect = readString(toleration, 'effect');
    if (effect !== '' && effect !== readString(taint, 'effect')) return false;
    const key = readString(toleration, 'key');
    if (key !== '' && key !== readString(taint, 'key')) return false;
    if (readString(toleration, 'operator') === 'Exists') return true;
    return key !== '' && readString(toleration, 'value') === readString(taint, 'value');
  });
}

/** What a pod states of the labels of its node holds for this one. */
export function selects(pod: KubeObject, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(texts(specOf(pod), 'nodeSelector')).every(([key, value]) => labels[key] === value)) return false;
  const affinity = readObject(readObject(specOf(pod), 'affinity') ?? {}, 'nodeAffinity') ?? {};
  const must = readObject(affinity, 'requiredDuringSchedulingIgnoredDuringExecution');
  if (must === undefined) return true;
  return readObjects(must, 'nodeSelectorTerms').some((term) => termHolds(term, node, labels));
}

function termHolds(term: JsonObject, node: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  const [expressions, fields] = [readObjects(term, 'matchExpressions'), readObjects(term, 'matchFields')];
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((one) => requirementHolds(one, labels[readString(one, 'key')])) &&
    fields.every((one) => requirementHolds(one, node.metadata.name))
  );
}

function requirementHolds(requirement: JsonObject, value: string | undefined): boolean {
  const values = Array.isArray(requirement.values) ? requirement.values : [];
  switch (readString(requirement, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

function lacking(pod: KubeObject, node: KubeObject, there: readonly KubeObject[]): string | undefined {
  const allocatable = texts(statusOf(node), 'allocatable');
  for (const name of COUNTED) {
    const asked = requestOf(pod, name);
    const all = allocatable[name];
    if (all === undefined || compareQuantities(asked, ZERO) === 0) continue;
    const used = there.reduce((sum, one) => addQuantities(sum, requestOf(one, name)), asked);
    if (compareQuantities(used, parseQuantity(all)) > 0) return `Insufficient ${name}`;
  }
  return undefined;
}

function requestOf(pod: KubeObject, name: string): Quantity {
  return readObjects(specOf(pod), 'containers').reduce((sum, container) => {
    const text = texts(readObject(container, 'resources') ?? {}, 'requests')[name];
    return text === undefined ? sum : addQuantities(sum, parseQuantity(text));
  }, ZERO);
}
