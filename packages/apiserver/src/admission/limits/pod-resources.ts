import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { addQuantities, compareQuantities, formatQuantity, parseQuantity } from '@kcp/apimachinery/quantity/quantity';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Demand, ResourceList } from './constraints.js';

const ANNOTATION = 'kubernetes.io/limit-ranger';
/** Members of a pod's spec that hold containers, and what upstream calls each of these. */
const KINDS = [
  ['containers', 'container'],
  ['initContainers', 'init container'],
] as const;

/** The text members of an object of quantities. */
export function resourceList(holder: JsonObject, member: string): ResourceList {
  const found = readObject(holder, member) ?? {};
  return Object.fromEntries(Object.keys(found).map((name) => [name, readString(found, name)]));
}

export function demandOf(holder: JsonObject): Demand {
  const resources = readObject(holder, 'resources') ?? {};
  return { requests: resourceList(resources, 'requests'), limits: resourceList(resources, 'limits') };
}

/** What each container of a pod asks for. */
export function containerDemands(pod: KubeObject): Demand[] {
  const spec = readObject(pod, 'spec') ?? {};
  return KINDS.flatMap(([member]) => readObjects(spec, member)).map(demandOf);
}

/** What a pod asks for: all its containers together, or the greediest of those that run before them. */
export function podDemand(pod: KubeObject): Demand {
  const spec = readObject(pod, 'spec') ?? {};
  const [main, initial] = KINDS.map(([member]) => readObjects(spec, member).map(demandOf));
  const total = (part: keyof Demand): ResourceList => {
    const sum: Record<string, string> = {};
    for (const demand of main ?? []) {
      for (const [name, amount] of Object.entries(demand[part])) sum[name] = plus(sum[name], amount);
    }
    for (const demand of initial ?? []) {
      for (const [name, amount] of Object.entries(demand[part])) sum[name] = greater(sum[name], amount);
    }
    return sum;
  };
  return { requests: total('requests'), limits: total('limits') };
}

/** Gives containers what they do not ask for themselves, and says so in an annotation. */
export function fillDemands(pod: KubeObject, defaults: Demand): void {
  const spec = readObject(pod, 'spec') ?? {};
  const told = KINDS.flatMap(([member, title]) =>
    readObjects(spec, member).flatMap((container) => fillContainer(container, title, defaults)),
  );
  if (told.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${told.join('; ')}`,
  };
}

function fillContainer(container: JsonObject, title: string, defaults: Demand): string[] {
  const resources = isObject(container.resources) ? container.resources : {};
  const told: string[] = [];
  for (const [part, word] of [['requests', 'request'] as const, ['limits', 'limit'] as const]) {
    const own = readObject(resources, part) ?? {};
    const missing = Object.keys(defaults[part]).filter((name) => own[name] === undefined);
    if (missing.length === 0) continue;
    resources[part] = { ...own, ...Object.fromEntries(missing.map((name) => [name, defaults[part][name] ?? ''])) };
    told.push(`${missing.sort().join(', ')} ${word} for ${title} ${readString(container, 'name')}`);
  }
  if (told.length > 0) container.resources = resources;
  return told;
}

function plus(one: string | undefined, other: string): string {
  return one === undefined ? other : formatQuantity(addQuantities(parseQuantity(one), parseQuantity(other)));
}

function greater(one: string | undefined, other: string): string {
  return one !== undefined && compareQuantities(parseQuantity(one), parseQuantity(other)) >= 0 ? one : other;
}
