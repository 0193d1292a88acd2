import { getOwn, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { readBoolean, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { type AuditLevel, AuditPolicy, type AuditRule, type AuditStage } from './policy.js';

/** A policy file that makes no sense. */
export class AuditPolicyError extends Error {
  constructor(why: string) {
    super(`the audit policy is invalid: ${why}`);
    this.name = 'AuditPolicyError';
  }
}

const LEVELS: readonly AuditLevel[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
const STAGES: readonly AuditStage[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];

/** Understands a `Policy` of `audit.k8s.io/v1`, with upstream's rules for it. Throws AuditPolicyError. */
export function parseAuditPolicy(value: JsonValue): AuditPolicy {
  if (!isObject(value) || readString(value, 'kind') !== 'Policy') throw new AuditPolicyError('it is no Policy');
  if (readString(value, 'apiVersion') !== 'audit.k8s.io/v1') {
    throw new AuditPolicyError('its apiVersion must be audit.k8s.io/v1');
  }
  const rules = readObjects(value, 'rules');
  if (rules.length === 0) throw new AuditPolicyError('loaded illegal policy with 0 rules');
  const omitStages = stages(value, 'omitStages');
  return new AuditPolicy(rules.map((rule, at) => parseRule(rule, `rules[${at}]`, omitStages, value)));
}

function parseRule(rule: JsonObject, path: string, common: readonly AuditStage[], policy: JsonObject): AuditRule {
  const level = LEVELS.find((one) => one === readString(rule, 'level'));
  if (level === undefined) throw new AuditPolicyError(`${path}.level: must be one of ${LEVELS.join(', ')}`);
  const nonResourceUrls = readStrings(rule, 'nonResourceURLs');
  const resources = readObjects(rule, 'resources').map((entry) => ({
    group: readString(entry, 'group'),
    resources: readStrings(entry, 'resources'),
    resourceNames: readStrings(entry, 'resourceNames'),
  }));
  const namespaces = readStrings(rule, 'namespaces');
  if (nonResourceUrls.length > 0 && resources.length + namespaces.length > 0) {
    throw new AuditPolicyError(
      `${path}.nonResourceURLs: rules cannot apply to both regular resources and non-resource URLs`,
    );
  }
  for (const url of nonResourceUrls) checkUrl(url, path);
  const own = getOwn(rule, 'omitManagedFields');
  return {
    level,
    omitStages: new Set([...common, ...stages(rule, 'omitStages')]),
    omitManagedFields: typeof own === 'boolean' ? own : readBoolean(policy, 'omitManagedFields'),
    users: readStrings(rule, 'users'),
    userGroups: readStrings(rule, 'userGroups'),
    verbs: readStrings(rule, 'verbs'),
    resources,
    namespaces,
    nonResourceUrls,
  };
}

function checkUrl(url: string, path: string): void {
  if (url === '*') return;
  if (!url.startsWith('/')) {
    throw new AuditPolicyError(`${path}.nonResourceURLs: non-resource URL rules must begin with a '/' character`);
  }
  if (url.slice(0, -1).includes('*')) {
    throw new AuditPolicyError(
      `${path}.nonResourceURLs: non-resource URL wildcards '*' must be the final character of the rule`,
    );
  }
}

function stages(object: JsonObject, name: string): AuditStage[] {
  return readStrings(object, name).map((text) => {
    const stage = STAGES.find((one) => one === text);
    if (stage === undefined) throw new AuditPolicyError(`${name}: ${JSON.stringify(text)} is no stage`);
    return stage;
  });
}
