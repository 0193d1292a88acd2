import type { UserInfo } from '../authn/user.js';
import type { AuthorizationAttributes } from '../authz/authorizer.js';
import { accountOf } from '../handler/impersonation/user-names.js';
import type { QueueShape } from './tenant-queues.js';

/** A priority level as a configuration states it. */
export interface LevelSpec {
  readonly name: string;
  /** Undefined: never held back. */
  readonly limited?: {
    /** Of the seats of the server, in proportion to those of all levels. */
    readonly shares: number;
    /** Undefined: who finds no seat is refused at once. */
    readonly queues?: QueueShape;
  };
}

/** Which requests go to which level, and what keeps them apart there. */
export interface FlowSchema {
  readonly name: string;
  readonly level: string;
  /** The lowest comes first. */
  readonly precedence: number;
  readonly distinguish: 'user' | 'namespace' | 'none';
  readonly rules: readonly FlowRule[];
}

export interface FlowRule {
  readonly subjects: readonly FlowSubject[];
  readonly resourceRules: readonly ResourceRule[];
  readonly nonResourceRules: readonly NonResourceRule[];
}

export type FlowSubject =
  | { readonly kind: 'User'; readonly name: string }
  | { readonly kind: 'Group'; readonly name: string }
  | { readonly kind: 'ServiceAccount'; readonly namespace: string; readonly name: string };

export interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly namespaces: readonly string[];
  readonly clusterScope: boolean;
}

export interface NonResourceRule {
  readonly verbs: readonly string[];
  readonly urls: readonly string[];
}

const ALL = '*';

export function matchesSchema(schema: FlowSchema, attributes: AuthorizationAttributes): boolean {
  return schema.rules.some(
    (rule) =>
      rule.subjects.some((subject) => matchesSubject(subject, attributes.user)) && matchesTarget(rule, attributes),
  );
}

function matchesSubject(subject: FlowSubject, user: UserInfo): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === ALL || subject.name === user.name;
    case 'Group':
      return subject.name === ALL || user.groups.includes(subject.name);
    case 'ServiceAccount': {
      const account = accountOf(user.name);
      if (account?.namespace !== subject.namespace) return false;
      return subject.name === ALL || subject.name === account.name;
    }
  }
}

function matchesTarget(rule: FlowRule, attributes: AuthorizationAttributes): boolean {
  if (attributes.kind === 'nonResource') {
    const { verb, path } = attributes;
    return rule.nonResourceRules.some(({ verbs, urls }) => holds(verbs, verb) && urls.some((url) => covers(url, path)));
  }
  const { verb, group, resource, subresource, namespace } = attributes;
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  return rule.resourceRules.some(
    (one) =>
      holds(one.verbs, verb) &&
      holds(one.apiGroups, group) &&
      holds(one.resources, combined) &&
      (namespace === '' ? one.clusterScope : holds(one.namespaces, namespace)),
  );
}

function holds(list: readonly string[], value: string): boolean {
  return list.includes(ALL) || list.includes(value);
}

function covers(url: string, path: string): boolean {
  return url === ALL || url === path || (url.endsWith('/*') && path.startsWith(url.slice(0, -1)));
}
