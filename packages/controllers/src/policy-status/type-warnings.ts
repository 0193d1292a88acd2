import { CelScope } from '@kcp/apimachinery/cel/admission/expression-scope';
import type { ExpressionPurpose } from '@kcp/apimachinery/cel/admission/expression-site';
import type { CelType } from '@kcp/apimachinery/cel/types/cel-type';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { kindText } from './checked-kinds.js';

/** A kind whose objects' type is known. */
export interface TypedKind {
  readonly gvk: GroupVersionKind;
  readonly type: CelType;
}

interface Judge {
  readonly gvk: GroupVersionKind;
  warningOf(expression: string, purpose: ExpressionPurpose): string | undefined;
}

const FAILED = 'compilation failed: ';

/**
 * `status.typeChecking.expressionWarnings` of a ValidatingAdmissionPolicy: what would be wrong with its validations if
 * the objects were of the kinds that it names.
 */
export function typeWarnings(spec: JsonObject, kinds: readonly TypedKind[]): JsonObject[] {
  const judges = kinds.map((kind) => judgeOf(spec, kind));
  return readObjects(spec, 'validations').flatMap((validation, index) => {
    const field = `spec.validations[${index}]`;
    return [
      ...warning(judges, `${field}.expression`, readString(validation, 'expression'), 'validation'),
      ...warning(judges, `${field}.messageExpression`, readString(validation, 'messageExpression'), 'message'),
    ];
  });
}

function warning(
  judges: readonly Judge[],
  fieldRef: string,
  expression: string,
  purpose: ExpressionPurpose,
): JsonObject[] {
  if (expression === '') return [];
  const texts = judges.flatMap(({ gvk, warningOf }) => {
    const text = warningOf(expression, purpose);
    return text === undefined ? [] : [`${kindText(gvk)}: ${text}\n`];
  });
  return texts.length === 0 ? [] : [{ fieldRef, warning: texts.join('\n') }];
}

function judgeOf(spec: JsonObject, { gvk, type }: TypedKind): Judge {
  const params = readObject(spec, 'paramKind') !== undefined;
  const scope = new CelScope(true, type);
  for (const variable of readObjects(spec, 'variables')) {
    const site = { purpose: 'variable', params, authorizer: true } as const;
    scope.declare(readString(variable, 'name'), readString(variable, 'expression'), site);
  }
  return {
    gvk,
    warningOf(expression, purpose) {
      const compiled = scope.compile(expression, { purpose, params, authorizer: true });
      if ('program' in compiled) return undefined;
      return compiled.fault.startsWith(FAILED) ? compiled.fault.slice(FAILED.length) : compiled.fault;
    },
  };
}
