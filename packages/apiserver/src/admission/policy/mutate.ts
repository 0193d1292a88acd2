import { deepClone, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { applyJsonPatch } from '@kcp/apimachinery/patch/json-patch';
import { JsonPatchError } from '@kcp/apimachinery/patch/json-patch-error';
import { POLICY_COST_MAX } from '../../limits.js';
import { type AdmissionForm, asDocument } from '../admission-form.js';
import type { ExpressionInput, Expressions } from '../expression-engine.js';
import { applyConfiguration } from './apply-configuration.js';
import { MutationError } from './mutation-error.js';

/** One of `spec.mutations`, compiled. */
export interface Mutation {
  readonly patchType: 'ApplyConfiguration' | 'JSONPatch';
  /** A single expression. */
  readonly patch: Expressions;
}

/** The object as a mutation makes it; itself when a test of a JSON patch fails. Throws MutationError. */
export function mutated(
  mutation: Mutation,
  input: ExpressionInput,
  object: KubeObject,
  form: AdmissionForm,
): JsonObject {
  const made = resultOf(mutation.patch, input);
  const copy = deepClone(object);
  return mutation.patchType === 'JSONPatch' ? patched(copy, made) : applyConfiguration(copy, made, form.mergeType());
}

function resultOf(patch: Expressions, input: ExpressionInput): JsonValue {
  const result = patch.evaluate(input, POLICY_COST_MAX);
  if ('failed' in result) throw new MutationError(result.failed);
  const [outcome] = result.outcomes;
  if (outcome === undefined) throw new MutationError('the mutation has no expression');
  if ('error' in outcome) throw new MutationError(outcome.error);
  return outcome.value;
}

function patched(object: KubeObject, patch: JsonValue): JsonObject {
  try {
    const document = asDocument(applyJsonPatch(object, patch));
    if (document !== undefined) return document;
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    if (error.problem === 'test-failed') return object;
    throw new MutationError(`JSON Patch: ${error.message}`);
  }
  throw new MutationError('JSON Patch: the patched document is no object');
}
