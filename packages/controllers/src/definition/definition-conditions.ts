import { acceptNames, conditionOf, namesAreSettled } from '@kcp/apimachinery/crd/accept-names';
import { type ApiApproval, apiApproval, isProtectedGroup } from '@kcp/apimachinery/crd/api-approval';
import { unsupportedFault, validateStructural } from '@kcp/apimachinery/crd/structural';
import { type FieldError, fieldErrorText, invalid } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readBoolean, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { type Condition, conditionsOf, hasCondition, withCondition } from '../controller/conditions.js';

const NON_STRUCTURAL = 'NonStructuralSchema';
const APPROVAL = 'KubernetesAPIApprovalPolicyConformant';
const APPROVAL_STATES: Readonly<Record<ApiApproval['state'], readonly [Condition['status'], string]>> = {
  missing: ['False', 'MissingAnnotation'],
  invalid: ['False', 'InvalidAnnotation'],
  approved: ['True', 'ApprovedAnnotation'],
  bypassed: ['False', 'UnapprovedAnnotation'],
};

/**
 * The status that a definition should have, given all others; undefined when it has it. Names, reasons and messages are
 * those of upstream's naming, establishing, approval and schema controllers, in one write.
 */
export function settledStatus(
  definition: JsonObject,
  others: Iterable<JsonObject>,
  nowMs: number,
): JsonObject | undefined {
  const status = readObject(definition, 'status') ?? {};
  const known = conditionsOf(status);
  const names = isNamed(definition) ? undefined : acceptNames(definition, others);
  const wanted: Condition[] = [
    ...approvalCondition(definition),
    ...(names === undefined ? [] : [names.namesAccepted, names.established]),
  ];
  const structural = structuralConditions(definition, known, nowMs);
  const changed = wanted.filter((condition) => !hasCondition(known, condition));
  const sameNames = names === undefined || namesAreSettled({ spec: { names: names.names }, status });
  if (changed.length === 0 && sameNames && structural === known) return undefined;
  const conditions = changed.reduce((all, condition) => withCondition(all, condition, nowMs), structural);
  return { ...status, conditions, ...(names === undefined ? {} : { acceptedNames: names.names }) };
}

/** False while there is something that `settledStatus` might change; true at hardly any cost for nearly all. */
export function isSettled(definition: JsonObject): boolean {
  const known = conditionsOf(readObject(definition, 'status') ?? {});
  const approved = approvalCondition(definition).every((condition) => hasCondition(known, condition));
  return approved && isNamed(definition) && structuralConditions(definition, known, 0) === known;
}

function isNamed(definition: JsonObject): boolean {
  return namesAreSettled(definition) && isTrue(definition, 'NamesAccepted') && isTrue(definition, 'Established');
}

export function isTrue(definition: JsonObject, condition: string): boolean {
  return readString(conditionOf(definition, condition) ?? {}, 'status') === 'True';
}

function approvalCondition(definition: JsonObject): Condition[] {
  if (!isProtectedGroup(readString(readObject(definition, 'spec') ?? {}, 'group'))) return [];
  const { state, reason: message } = apiApproval(definition);
  const [status, reason] = APPROVAL_STATES[state];
  return [{ type: APPROVAL, status, reason, message }];
}

/**
 * The known conditions with what is to be said of the schemas; the same array when nothing changes. Only definitions of
 * the old form, which preserve unknown fields, and those that were faulty before can have such faults: all others were
 * refused when they were written. So the schemas of nearly all are not looked at.
 */
function structuralConditions(definition: JsonObject, known: JsonObject[], nowMs: number): JsonObject[] {
  const spec = readObject(definition, 'spec') ?? {};
  const before = known.find((condition) => readString(condition, 'type') === NON_STRUCTURAL);
  if (before === undefined && !readBoolean(spec, 'preserveUnknownFields')) return known;
  const wanted = nonStructural(spec);
  if (wanted === undefined) return before === undefined ? known : known.filter((condition) => condition !== before);
  return hasCondition(known, wanted) ? known : withCondition(known, wanted, nowMs);
}

function nonStructural(spec: JsonObject): Condition | undefined {
  const faults: FieldError[] = [];
  if (readBoolean(spec, 'preserveUnknownFields')) {
    faults.push(invalid('spec.preserveUnknownFields', true, 'must be false'));
  }
  for (const [index, version] of readObjects(spec, 'versions').entries()) {
    const schema = readObject(readObject(version, 'schema') ?? {}, 'openAPIV3Schema');
    if (schema === undefined) continue;
    const unsupported = unsupportedFault(schema);
    if (unsupported !== undefined) {
      const message = `failed to check validation schema for version ${readString(version, 'name')}: ${unsupported}`;
      return { type: NON_STRUCTURAL, status: 'Unknown', reason: 'StructuralError', message };
    }
    faults.push(...validateStructural(schema, `spec.versions[${index}].schema.openAPIV3Schema`));
  }
  return faults.length === 0 ? undefined : violations(faults);
}

/** Several faults stand in brackets, each once, as Go's aggregate prints them. */
function violations(faults: readonly FieldError[]): Condition {
  const texts = [...new Set(faults.map(fieldErrorText))];
  const message = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  return { type: NON_STRUCTURAL, status: 'True', reason: 'Violations', message };
}
