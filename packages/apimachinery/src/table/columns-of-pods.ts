import type { JsonObject } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { readObjects, readString } from '../schema/read.js';
import { AGE_COLUMN, AgeCell, ageOf, type Cell, column, creationAge, NAME_COLUMN, type TableType } from './column.js';
import { podState } from './pod-state.js';
import { NOTHING, nameOf, specOf, statusOf } from './workload-cells.js';

export const POD_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Ready', 'string', 'Containers that are ready, of all.'),
    column('Status', 'string', 'What the pod is doing, or what keeps it from doing it.'),
    column('Restarts', 'string', 'How often containers were started again.'),
    AGE_COLUMN,
    column('IP', 'string', 'Address of the pod.', { priority: 1 }),
    column('Node', 'string', 'Node that the pod is bound to.', { priority: 1 }),
    column('Nominated Node', 'string', 'Node on which room is being made for the pod.', { priority: 1 }),
    column('Readiness Gates', 'string', 'Conditions of others that hold, of those that the pod waits for.', {
      priority: 1,
    }),
  ],
  cells: (pod) => {
    const [spec, status] = [specOf(pod), statusOf(pod)];
    const { ready, total, reason, restarts, lastRestart } = podState(pod);
    return [
      nameOf(pod),
      `${ready}/${total}`,
      reason,
      restartsCell(restarts, lastRestart),
      creationAge(pod),
      podAddress(status) || NOTHING,
      readString(spec, 'nodeName') || NOTHING,
      readString(status, 'nominatedNodeName') || NOTHING,
      gates(spec, status),
    ];
  },
};

function restartsCell(restarts: number, lastRestart: string): Cell {
  if (restarts === 0 || lastRestart === '') return String(restarts);
  const since = ageOf(lastRestart);
  return since instanceof AgeCell ? new AgeCell(since.since, `${restarts} (`, ' ago)') : String(restarts);
}

function podAddress(status: JsonObject): string {
  const [first] = readObjects(status, 'podIPs');
  return first === undefined ? readString(status, 'podIP') : readString(first, 'ip');
}

function gates(spec: JsonObject, status: JsonObject): string {
  const all = readObjects(spec, 'readinessGates').map((gate) => readString(gate, 'conditionType'));
  if (all.length === 0) return NOTHING;
  const holding = readObjects(status, 'conditions').filter(
    (one) => readString(one, 'status') === 'True' && all.includes(readString(one, 'type')),
  );
  return `${holding.length}/${all.length}`;
}

const ROLE_LABEL = 'node-role.kubernetes.io/';
const ROLE_LABEL_OLD = 'kubernetes.io/role';

export const NODE_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Status', 'string', 'Whether the node takes part.'),
    column('Roles', 'string', 'Roles that its labels name.'),
    AGE_COLUMN,
    column('Version', 'string', 'Version of its kubelet.'),
    column('Internal-IP', 'string', 'Address within the cluster.', { priority: 1 }),
    column('External-IP', 'string', 'Address from outside.', { priority: 1 }),
    column('OS-Image', 'string', 'Operating system.', { priority: 1 }),
    column('Kernel-Version', 'string', 'Version of the kernel.', { priority: 1 }),
    column('Container-Runtime', 'string', 'What runs the containers, and its version.', { priority: 1 }),
  ],
  cells: (node) => {
    const info = nodeInfo(node);
    return [
      nameOf(node),
      nodeState(node),
      nodeRoles(node),
      creationAge(node),
      info('kubeletVersion'),
      address(node, 'InternalIP'),
      address(node, 'ExternalIP'),
      info('osImage') || '<unknown>',
      info('kernelVersion') || '<unknown>',
      info('containerRuntimeVersion') || '<unknown>',
    ];
  },
};

function nodeInfo(node: KubeObject): (name: string) => string {
  const info = statusOf(node).nodeInfo;
  const object = typeof info === 'object' && info !== null && !Array.isArray(info) ? info : {};
  return (name) => readString(object, name);
}

function nodeState(node: KubeObject): string {
  const ready = readObjects(statusOf(node), 'conditions').find((one) => readString(one, 'type') === 'Ready');
  const state = ready === undefined ? 'Unknown' : readString(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return specOf(node).unschedulable === true ? `${state},SchedulingDisabled` : state;
}

function nodeRoles(node: KubeObject): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_LABEL)) return key.length > ROLE_LABEL.length ? [key.slice(ROLE_LABEL.length)] : [];
    return key === ROLE_LABEL_OLD && value !== '' ? [value] : [];
  });
  return [...new Set(roles)].sort().join(',') || NOTHING;
}

function address(node: KubeObject, type: string): string {
  const found = readObjects(statusOf(node), 'addresses').find((one) => readString(one, 'type') === type);
  return found === undefined ? NOTHING : readString(found, 'address');
}
