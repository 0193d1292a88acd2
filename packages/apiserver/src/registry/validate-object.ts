import type { FieldError } from '@kcp/apimachinery/errors/field-error';
import { newInvalid } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { validateObjectMeta, validateObjectMetaUpdate } from '@kcp/apimachinery/validation/object-meta';
import { strategyContext, type WriteScope } from './write-scope.js';

/** Throws 422 with every fault of a new object: metadata's first, then the type's own. */
export function validateNewObject(scope: WriteScope, object: KubeObject, now: number): void {
  const { strategy, type } = scope;
  const errors = [
    ...(strategy.validatesMetadata ? [] : newMetadataErrors(scope, object)),
    ...(strategy.validateCreate?.(object, strategyContext(scope, now)) ?? []),
  ];
  if (errors.length > 0) throw newInvalid(type.gvk, object.metadata.name ?? '', errors);
  for (const text of strategy.warnings?.(object, undefined) ?? []) scope.warn(text);
}

function newMetadataErrors({ type, strategy }: WriteScope, { metadata }: KubeObject): readonly FieldError[] {
  return validateObjectMeta(metadata, { namespaced: type.namespaced, nameValidator: strategy.validateName });
}

/** Throws 422 with every fault of a changed object. */
export function validateChangedObject(scope: WriteScope, object: KubeObject, old: KubeObject, now: number): void {
  const { strategy, type } = scope;
  const errors = [
    ...(strategy.validatesMetadata ? [] : validateObjectMetaUpdate(object.metadata, old.metadata)),
    ...(strategy.validateUpdate?.(object, old, strategyContext(scope, now)) ?? []),
  ];
  if (errors.length > 0) throw newInvalid(type.gvk, object.metadata.name ?? '', errors);
  for (const text of strategy.warnings?.(object, old) ?? []) scope.warn(text);
}
