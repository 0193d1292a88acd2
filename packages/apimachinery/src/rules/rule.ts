import { getOwn, type JsonObject } from '../json/value.js';
import { readOptionalString, readString } from '../schema/read.js';

/** One entry of `x-kubernetes-validations`. Texts that are not given are empty. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
  readonly messageExpression: string;
  readonly reason: string | undefined;
  readonly fieldPath: string;
  readonly optionalOldSelf: boolean | undefined;
}

export function readRule(source: JsonObject): Rule {
  const optional = getOwn(source, 'optionalOldSelf');
  return {
    rule: readString(source, 'rule'),
    message: readString(source, 'message'),
    messageExpression: readString(source, 'messageExpression'),
    reason: readOptionalString(source, 'reason'),
    fieldPath: readString(source, 'fieldPath'),
    optionalOldSelf: typeof optional === 'boolean' ? optional : undefined,
  };
}

/** A rule as upstream shows it as a faulty value: under the names of its Go fields, all of them. */
export function ruleDump({ rule, message, messageExpression, reason, fieldPath, optionalOldSelf }: Rule): JsonObject {
  return {
    Rule: rule,
    Message: message,
    MessageExpression: messageExpression,
    Reason: reason ?? null,
    FieldPath: fieldPath,
    OptionalOldSelf: optionalOldSelf ?? null,
  };
}

/** How a rule is called in the texts of errors. */
export function ruleText({ rule, message }: Rule): string {
  return (message === '' ? rule : message).trim();
}
