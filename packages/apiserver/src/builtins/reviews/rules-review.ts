import { newBadRequest } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import type { NonResourceRule, ResolvedRules, ResourceRule, RuleResolver } from '../../authz/rule-resolver.js';
import type { ResourceType } from '../../registry/resource-type.js';
import { AUTHORIZATION } from './access-reviews.js';
import { reviewType } from './review-type.js';

/** The type that asks for all that the asking user may do in a namespace. */
export function rulesReview(rules: RuleResolver): ResourceType {
  return reviewType({
    ...AUTHORIZATION,
    kind: 'SelfSubjectRulesReview',
    async answer({ apiVersion, kind, ...question }, { user, cluster }) {
      const namespace = readString(readObject(question, 'spec') ?? {}, 'namespace');
      if (namespace === '') throw newBadRequest('no namespace on request');
      const resolved = await rules.rulesFor(user, cluster, namespace);
      return { apiVersion, kind, metadata: {}, spec: {}, status: statusOf(resolved) };
    },
  });
}

function statusOf({ resourceRules, nonResourceRules, incomplete, evaluationError }: ResolvedRules): JsonObject {
  return {
    resourceRules: resourceRules.map(resourceRule),
    nonResourceRules: nonResourceRules.map(nonResourceRule),
    incomplete,
    ...(evaluationError === '' ? {} : { evaluationError }),
  };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: ResourceRule): JsonObject {
  return {
    verbs: [...verbs],
    ...filled('apiGroups', apiGroups),
    ...filled('resources', resources),
    ...filled('resourceNames', resourceNames),
  };
}

function nonResourceRule({ verbs, nonResourceURLs }: NonResourceRule): JsonObject {
  return { verbs: [...verbs], ...filled('nonResourceURLs', nonResourceURLs) };
}

function filled(name: string, values: readonly string[]): JsonObject {
  return values.length === 0 ? {} : { [name]: [...values] };
}
