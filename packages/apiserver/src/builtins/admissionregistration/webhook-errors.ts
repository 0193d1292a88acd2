import { validateWebhookService, validateWebhookUrl } from '@kcp/apimachinery/crd/webhook-client';
import { type FieldError, invalid, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import {
  readNumber,
  readObject,
  readObjects,
  readOptionalString,
  readString,
  readStrings,
} from '@kcp/apimachinery/schema/read';
import { validateLabelSelector } from '@kcp/apimachinery/selectors/label-selector-object';
import type { Work } from '@kcp/apimachinery/turns/work';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import { dns1035Label, dns1123Subdomain } from '@kcp/apimachinery/validation/names';
import type { ExpressionChecker } from './expression-checker.js';
import { matchConditionsErrors } from './match-conditions.js';
import { MATCH_POLICIES } from './match-resources.js';
import { ruleErrors } from './rules.js';

export const FAILURE_POLICIES = ['Fail', 'Ignore'];
export const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];
const NO_SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const SIDE_EFFECTS = [...NO_SIDE_EFFECTS, 'Some', 'Unknown'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const SELECTORS = ['namespaceSelector', 'objectSelector'];
const TIMEOUT_SECONDS_MAX = 30;

/** What is demanded of the webhooks of a configuration; a change may keep what was wrong before. */
export interface WebhookDemands {
  readonly noSideEffects: boolean;
  readonly knownReviewVersion: boolean;
  readonly uniqueNames: boolean;
  readonly validSelectorValues: boolean;
  readonly matchConditions: boolean;
}

/** What is demanded of a new configuration. */
export const ALL_DEMANDS: WebhookDemands = {
  noSideEffects: true,
  knownReviewVersion: true,
  uniqueNames: true,
  validSelectorValues: true,
  matchConditions: true,
};

/** What the stored webhooks themselves fulfil, and so their successors must. */
export function demandsOf(webhooks: readonly JsonObject[]): Omit<WebhookDemands, 'matchConditions'> {
  const names = webhooks.map((webhook) => readString(webhook, 'name'));
  return {
    noSideEffects: webhooks.every((webhook) => NO_SIDE_EFFECTS.includes(readString(webhook, 'sideEffects'))),
    knownReviewVersion: webhooks.every((webhook) => {
      const versions = readStrings(webhook, 'admissionReviewVersions');
      return versions.length === 0 || versions.some((version) => REVIEW_VERSIONS.includes(version));
    }),
    uniqueNames: new Set(names).size === names.length,
    validSelectorValues: webhooks.every((webhook) => selectorErrors(webhook, '', false).length === 0),
  };
}

/** Faults of one webhook, defaults filled in. */
export function* webhookErrors(
  webhook: JsonObject,
  field: string,
  demands: WebhookDemands,
  checker: ExpressionChecker,
): Work<FieldError[]> {
  const at = (name: string): string => childPath(field, name);
  return [
    ...nameErrors(readString(webhook, 'name'), at('name')),
    ...readObjects(webhook, 'rules').flatMap((rule, index) => ruleErrors(rule, indexPath(at('rules'), index))),
    ...optionalErrors(webhook, 'failurePolicy', FAILURE_POLICIES, field),
    ...optionalErrors(webhook, 'matchPolicy', MATCH_POLICIES, field),
    ...sideEffectErrors(readOptionalString(webhook, 'sideEffects'), demands, at('sideEffects')),
    ...timeoutErrors(readNumber(webhook, 'timeoutSeconds'), at('timeoutSeconds')),
    ...selectorErrors(webhook, field, !demands.validSelectorValues),
    ...optionalErrors(webhook, 'reinvocationPolicy', REINVOCATION_POLICIES, field),
    ...clientErrors(readObject(webhook, 'clientConfig') ?? {}, at('clientConfig')),
    ...(demands.matchConditions ? yield* matchConditionsErrors(webhook, field, checker, false) : []),
    ...versionErrors(readStrings(webhook, 'admissionReviewVersions'), demands, at('admissionReviewVersions')),
  ];
}

/** Upstream's `IsFullyQualifiedName`. */
function nameErrors(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  const faults = dns1123Subdomain(name);
  if (faults.length > 0) return [invalid(field, name, faults.join(','))];
  if (name.split('.').length >= 3) return [];
  return [invalid(field, name, 'should be a domain with at least three segments separated by dots')];
}

function optionalErrors(webhook: JsonObject, name: string, choices: readonly string[], field: string): FieldError[] {
  const value = readOptionalString(webhook, name);
  return value === undefined || choices.includes(value) ? [] : [notSupported(childPath(field, name), value, choices)];
}

function sideEffectErrors(value: string | undefined, { noSideEffects }: WebhookDemands, field: string): FieldError[] {
  const allowed = noSideEffects ? NO_SIDE_EFFECTS : SIDE_EFFECTS;
  if (value === undefined) return [required(field, `must specify one of ${allowed.join(', ')}`)];
  return allowed.includes(value) ? [] : [notSupported(field, value, allowed)];
}

function timeoutErrors(seconds: number | undefined, field: string): FieldError[] {
  if (seconds === undefined || (seconds >= 1 && seconds <= TIMEOUT_SECONDS_MAX)) return [];
  return [invalid(field, seconds, 'the timeout value must be between 1 and 30 seconds')];
}

function selectorErrors(webhook: JsonObject, field: string, anyValue: boolean): FieldError[] {
  return SELECTORS.flatMap((name) => {
    const selector = readObject(webhook, name);
    return selector === undefined ? [] : validateLabelSelector(selector, childPath(field, name), { anyValue });
  });
}

function clientErrors(client: JsonObject, field: string): FieldError[] {
  const url = readOptionalString(client, 'url');
  const service = readObject(client, 'service');
  if (url !== undefined && service === undefined) return validateWebhookUrl(url, childPath(field, 'url'));
  if (service !== undefined && url === undefined) return validateWebhookService(service, childPath(field, 'service'));
  return [required(field, 'exactly one of url or service is required')];
}

function versionErrors(versions: readonly string[], demands: WebhookDemands, field: string): FieldError[] {
  const known = REVIEW_VERSIONS.join(', ');
  if (versions.length === 0) return [required(field, `must specify one of ${known}`)];
  const errors = versions.flatMap((version, index) => {
    const path = indexPath(field, index);
    if (versions.indexOf(version) < index) return [invalid(path, version, 'duplicate version')];
    return dns1035Label(version).map((text) => invalid(path, version, text));
  });
  if (demands.knownReviewVersion && !versions.some((version) => REVIEW_VERSIONS.includes(version))) {
    errors.push(invalid(field, [...versions], `must include at least one of ${known}`));
  }
  return errors;
}
