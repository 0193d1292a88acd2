import { type FieldError, forbidden, invalid, notSupported, required } from '../errors/field-error.js';
import { getOwn, type JsonObject } from '../json/value.js';
import { readObject, readString, readStrings } from '../schema/read.js';
import { childPath, indexPath } from '../validation/field-path.js';
import { dns1035Label } from '../validation/names.js';
import { validateCaBundle, validateWebhookService, validateWebhookUrl } from './webhook-client.js';

const REVIEW_VERSIONS = ['v1', 'v1beta1'];

export interface ConversionRules {
  readonly requireRecognizedReviewVersion: boolean;
  readonly allowInvalidCaBundle: boolean;
}

/** Validates `spec.conversion` (v1 form); field names are those of the internal form, as upstream reports them. */
export function validateConversion(conversion: JsonObject, field: string, rules: ConversionRules): FieldError[] {
  const strategy = readString(conversion, 'strategy');
  const webhook = readObject(conversion, 'webhook') ?? {};
  const clientConfig = readObject(webhook, 'clientConfig');
  const versions = readStrings(webhook, 'conversionReviewVersions');
  const [clientField, versionsField] = ['webhookClientConfig', 'conversionReviewVersions'].map((name) =>
    childPath(field, name),
  );
  if (clientField === undefined || versionsField === undefined) return [];
  const errors = strategyErrors(strategy, childPath(field, 'strategy'));
  if (strategy === 'Webhook') {
    errors.push(...clientErrors(clientConfig, clientField, rules.allowInvalidCaBundle));
    errors.push(...reviewVersionErrors(versions, versionsField, rules.requireRecognizedReviewVersion));
    return errors;
  }
  const text = 'should not be set when strategy is not set to Webhook';
  if (clientConfig !== undefined) errors.push(forbidden(clientField, text));
  if (versions.length > 0) errors.push(forbidden(versionsField, text));
  return errors;
}

/** True for review versions that some release understands, or for none at all. */
export function hasRecognizedReviewVersion(versions: readonly string[]): boolean {
  return versions.length === 0 || versions.some((version) => REVIEW_VERSIONS.includes(version));
}

function strategyErrors(strategy: string, field: string): FieldError[] {
  if (strategy === '') return [required(field)];
  return strategy === 'None' || strategy === 'Webhook' ? [] : [notSupported(field, strategy, ['None', 'Webhook'])];
}

function clientErrors(config: JsonObject | undefined, field: string, allowInvalidCaBundle: boolean): FieldError[] {
  if (config === undefined) return [required(field, 'required when strategy is set to Webhook')];
  const url = getOwn(config, 'url') ?? undefined;
  const service = readObject(config, 'service');
  const errors: FieldError[] = [];
  if ((url === undefined) === (service === undefined)) {
    errors.push(required(field, 'exactly one of url or service is required'));
  } else if (service !== undefined) errors.push(...validateWebhookService(service, childPath(field, 'service')));
  else errors.push(...validateWebhookUrl(readString(config, 'url'), childPath(field, 'url')));
  const caBundle = readString(config, 'caBundle');
  if (caBundle !== '' && !allowInvalidCaBundle)
    errors.push(...validateCaBundle(caBundle, childPath(field, 'caBundle')));
  return errors;
}

function reviewVersionErrors(versions: readonly string[], field: string, requireRecognized: boolean): FieldError[] {
  if (versions.length === 0) return [required(field)];
  const errors: FieldError[] = [];
  for (const [index, version] of versions.entries()) {
    if (versions.indexOf(version) < index) errors.push(invalid(indexPath(field, index), version, 'duplicate version'));
    else for (const text of dns1035Label(version)) errors.push(invalid(indexPath(field, index), version, text));
  }
  if (requireRecognized && !hasRecognizedReviewVersion(versions)) {
    errors.push(invalid(field, [...versions], `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
  }
  return errors;
}
