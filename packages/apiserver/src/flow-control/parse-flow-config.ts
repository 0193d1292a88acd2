import { isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import {
  readBoolean,
  readNumber,
  readObject,
  readObjects,
  readString,
  readStrings,
} from '@kcp/apimachinery/schema/read';
import type { FlowRule, FlowSchema, FlowSubject, LevelSpec } from './flow-schema.js';

/** A file of levels and flows that makes no sense. */
export class FlowConfigError extends Error {
  constructor(why: string) {
    super(`the flow control configuration is invalid: ${why}`);
    this.name = 'FlowConfigError';
  }
}

const GROUP = 'flowcontrol.apiserver.k8s.io/';
const PRECEDENCE_DEFAULT = 1_000;
const SHARES_DEFAULT = 30;
/** As upstream defaults a queuing configuration. */
const QUEUING = { queues: 64, handSize: 8, queueLengthLimit: 50 };
const QUEUES_MAX = 1_024;
const QUEUE_LENGTH_MAX = 10_000;

/**
 * Understands a `List` of PriorityLevelConfigurations and FlowSchemas of `flowcontrol.apiserver.k8s.io`, as Kubernetes
 * has them in its API. Throws FlowConfigError.
 */
export function parseFlowConfig(value: JsonValue): { levels: readonly LevelSpec[]; flows: readonly FlowSchema[] } {
  if (!isObject(value) || readString(value, 'kind') !== 'List') throw new FlowConfigError('it is no List');
  const levels: LevelSpec[] = [];
  const flows: FlowSchema[] = [];
  for (const item of readObjects(value, 'items')) {
    if (!readString(item, 'apiVersion').startsWith(GROUP)) throw new FlowConfigError(`an item is not of ${GROUP}v1`);
    const kind = readString(item, 'kind');
    if (kind === 'PriorityLevelConfiguration') levels.push(parseLevel(item));
    else if (kind === 'FlowSchema') flows.push(parseSchema(item));
    else throw new FlowConfigError(`${JSON.stringify(kind)} is neither a level nor a flow`);
  }
  const names = new Set(levels.map(({ name }) => name));
  const astray = flows.find(({ level }) => !names.has(level));
  if (astray !== undefined)
    throw new FlowConfigError(`flow ${astray.name} names the level ${astray.level}, which is not there`);
  if (levels.length === 0 || flows.length === 0) throw new FlowConfigError('levels and flows are needed');
  return { levels, flows };
}

function nameOf(item: JsonObject): string {
  const name = readString(readObject(item, 'metadata') ?? {}, 'name');
  if (name === '') throw new FlowConfigError('an item has no name');
  return name;
}

function parseLevel(item: JsonObject): LevelSpec {
  const name = nameOf(item);
  const spec = readObject(item, 'spec') ?? {};
  if (readString(spec, 'type') === 'Exempt') return { name };
  const limited = readObject(spec, 'limited') ?? {};
  const shares = readNumber(limited, 'nominalConcurrencyShares') ?? SHARES_DEFAULT;
  const response = readObject(limited, 'limitResponse') ?? {};
  if (readString(response, 'type') === 'Reject') return { name, limited: { shares } };
  const queuing = readObject(response, 'queuing') ?? {};
  const queues = count(name, queuing, 'queues', QUEUES_MAX);
  const handSize = count(name, queuing, 'handSize', queues);
  const lengthMax = count(name, queuing, 'queueLengthLimit', QUEUE_LENGTH_MAX);
  return { name, limited: { shares, queues: { queues, handSize, lengthMax } } };
}

function count(level: string, queuing: JsonObject, name: keyof typeof QUEUING, max: number): number {
  const value = readNumber(queuing, name) ?? Math.min(QUEUING[name], max);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new FlowConfigError(`${name} of level ${level} must be from 1 to ${max}`);
}

function parseSchema(item: JsonObject): FlowSchema {
  const spec = readObject(item, 'spec') ?? {};
  const method = readString(readObject(spec, 'distinguisherMethod') ?? {}, 'type');
  return {
    name: nameOf(item),
    level: readString(readObject(spec, 'priorityLevelConfiguration') ?? {}, 'name'),
    precedence: readNumber(spec, 'matchingPrecedence') ?? PRECEDENCE_DEFAULT,
    distinguish: method === 'ByUser' ? 'user' : method === 'ByNamespace' ? 'namespace' : 'none',
    rules: readObjects(spec, 'rules').map(parseRule),
  };
}

function parseRule(rule: JsonObject): FlowRule {
  return {
    subjects: readObjects(rule, 'subjects').map(parseSubject),
    resourceRules: readObjects(rule, 'resourceRules').map((one) => ({
      verbs: readStrings(one, 'verbs'),
      apiGroups: readStrings(one, 'apiGroups'),
      resources: readStrings(one, 'resources'),
      namespaces: readStrings(one, 'namespaces'),
      clusterScope: readBoolean(one, 'clusterScope'),
    })),
    nonResourceRules: readObjects(rule, 'nonResourceRules').map((one) => ({
      verbs: readStrings(one, 'verbs'),
      urls: readStrings(one, 'nonResourceURLs'),
    })),
  };
}

function parseSubject(subject: JsonObject): FlowSubject {
  const kind = readString(subject, 'kind');
  const named = (member: string): JsonObject => readObject(subject, member) ?? {};
  switch (kind) {
    case 'User':
      return { kind, name: readString(named('user'), 'name') };
    case 'Group':
      return { kind, name: readString(named('group'), 'name') };
    case 'ServiceAccount': {
      const account = named('serviceAccount');
      return { kind, namespace: readString(account, 'namespace'), name: readString(account, 'name') };
    }
    default:
      throw new FlowConfigError(`${JSON.stringify(kind)} is no kind of subject`);
  }
}
