import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import {
  readNumber,
  readObject,
  readObjects,
  readOptionalString,
  readString,
  readStrings,
} from '@kcp/apimachinery/schema/read';
import { EVERYTHING, type LabelSelector } from '@kcp/apimachinery/selectors/label-selector';
import { selectorOfObject } from '@kcp/apimachinery/selectors/label-selector-object';
import { ADMISSION_TIMEOUT_SECONDS } from '../../limits.js';
import type { ExpressionEngine, Expressions } from '../expression-engine.js';
import { compileConditions } from '../match-conditions.js';
import { type MatchRule, readRule } from '../match-rule.js';

/** One webhook of a configuration, compiled. */
export interface AdmissionWebhook {
  /** `configuration/name/n`, where n counts webhooks of the same name. */
  readonly uid: string;
  readonly name: string;
  readonly configuration: string;
  readonly clientConfig: JsonObject;
  readonly rules: readonly MatchRule[];
  /** Rules also match through equivalent resources (other versions of the same objects). */
  readonly equivalent: boolean;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  readonly conditions: Expressions | undefined;
  /** A call that fails is no reason to refuse the write. */
  readonly failsOpen: boolean;
  readonly allowsDryRun: boolean;
  readonly timeoutSeconds: number;
  readonly reviewVersions: readonly string[];
  readonly reinvocable: boolean;
}

/** Compiles the webhooks of a stored configuration. Throws SelectorError for selectors no validation lets through. */
export function compileWebhooks(configuration: JsonObject, engine: ExpressionEngine): AdmissionWebhook[] {
  const metadata = readObject(configuration, 'metadata') ?? {};
  const configurationName = readString(metadata, 'name');
  const seen = new Map<string, number>();
  return readObjects(configuration, 'webhooks').map((webhook) => {
    const name = readString(webhook, 'name');
    const same = seen.get(name) ?? 0;
    seen.set(name, same + 1);
    return compileWebhook(webhook, configurationName, `${configurationName}/${name}/${same}`, engine);
  });
}

function compileWebhook(
  webhook: JsonObject,
  configuration: string,
  uid: string,
  engine: ExpressionEngine,
): AdmissionWebhook {
  return {
    uid,
    name: readString(webhook, 'name'),
    configuration,
    clientConfig: readObject(webhook, 'clientConfig') ?? {},
    rules: readObjects(webhook, 'rules').map(readRule),
    equivalent: readOptionalString(webhook, 'matchPolicy') === 'Equivalent',
    namespaceSelector: selectorOf(webhook, 'namespaceSelector'),
    objectSelector: selectorOf(webhook, 'objectSelector'),
    conditions: compileConditions(readObjects(webhook, 'matchConditions'), engine),
    failsOpen: readString(webhook, 'failurePolicy') === 'Ignore',
    allowsDryRun: ['None', 'NoneOnDryRun'].includes(readString(webhook, 'sideEffects')),
    timeoutSeconds: readNumber(webhook, 'timeoutSeconds') ?? ADMISSION_TIMEOUT_SECONDS,
    reviewVersions: readStrings(webhook, 'admissionReviewVersions'),
    reinvocable: readString(webhook, 'reinvocationPolicy') === 'IfNeeded',
  };
}

function selectorOf(webhook: JsonObject, name: string): LabelSelector {
  const selector = webhook[name];
  return isObject(selector) ? selectorOfObject(selector) : EVERYTHING;
}
