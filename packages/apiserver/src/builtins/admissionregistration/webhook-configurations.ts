import { duplicate, type FieldError } from '@kcp/apimachinery/errors/field-error';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Work } from '@kcp/apimachinery/turns/work';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import type { ResourceType } from '../../registry/resource-type.js';
import { builtinType } from '../builtin-type.js';
import { ADMISSION_CATEGORIES, admissionStrategy, admissionV1 } from './admission-group.js';
import type { ExpressionChecker } from './expression-checker.js';
import { defaultMatching } from './match-resources.js';
import { defaultRules } from './rules.js';
import { ALL_DEMANDS, demandsOf, type WebhookDemands, webhookErrors } from './webhook-errors.js';

const TIMEOUT_SECONDS = 10;
const SERVICE_PORT = 443;

/** MutatingWebhookConfiguration and ValidatingWebhookConfiguration. */
export function webhookConfigurations(checker: ExpressionChecker): ResourceType[] {
  return [
    configurations('MutatingWebhookConfiguration', checker, (webhook) => {
      webhook.reinvocationPolicy ??= 'Never';
    }),
    configurations('ValidatingWebhookConfiguration', checker, () => undefined),
  ];
}

function configurations(
  kind: string,
  checker: ExpressionChecker,
  ownDefaults: (webhook: JsonObject) => void,
): ResourceType {
  return builtinType({
    gvk: admissionV1(kind),
    plural: `${kind.toLowerCase()}s`,
    categories: ADMISSION_CATEGORIES,
    namespaced: false,
    defaults: (configuration) => {
      for (const webhook of webhooksOf(configuration)) {
        defaultWebhook(webhook);
        ownDefaults(webhook);
      }
    },
    strategy: admissionStrategy({
      generation: 'allButMetadata',
      validate: (configuration, old) => configurationErrors(configuration, old, checker),
    }),
  });
}

function webhooksOf(configuration: KubeObject): JsonObject[] {
  return readObjects(configuration, 'webhooks');
}

function defaultWebhook(webhook: JsonObject): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.timeoutSeconds ??= TIMEOUT_SECONDS;
  defaultMatching(webhook);
  defaultRules(webhook, 'rules');
  const service = readObject(readObject(webhook, 'clientConfig') ?? {}, 'service');
  if (service !== undefined) service.port ??= SERVICE_PORT;
}

function* configurationErrors(
  configuration: KubeObject,
  old: KubeObject | undefined,
  checker: ExpressionChecker,
): Work<FieldError[]> {
  const webhooks = webhooksOf(configuration);
  const demands = old === undefined ? ALL_DEMANDS : demandsOfChange(webhooks, webhooksOf(old));
  const names = new Set<string>();
  const errors: FieldError[] = [];
  for (const [index, webhook] of webhooks.entries()) {
    const field = indexPath('webhooks', index);
    const name = readString(webhook, 'name');
    errors.push(...(yield* webhookErrors(webhook, field, demands, checker)));
    if (demands.uniqueNames && name !== '' && names.has(name)) errors.push(duplicate(childPath(field, 'name'), name));
    names.add(name);
  }
  return errors;
}

/** Conditions that nobody touched are not judged again. */
function demandsOfChange(webhooks: readonly JsonObject[], old: readonly JsonObject[]): WebhookDemands {
  const conditions = (webhook: JsonObject): JsonObject[] => readObjects(webhook, 'matchConditions');
  const untouched =
    webhooks.length === old.length &&
    webhooks.every((webhook, index) => deepEqual(conditions(webhook), conditions(old[index] ?? {})));
  return { ...demandsOf(old), matchConditions: !untouched };
}
