import type { FieldError } from '@kcp/apimachinery/errors/field-error';
import { newInvalid } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { inTurns } from '@kcp/apimachinery/turns/turn';
import { nameIsPathSegment } from '@kcp/apimachinery/validation/names';
import { validateObjectMeta, validateObjectMetaUpdate } from '@kcp/apimachinery/validation/object-meta';
import type { Findings } from './strategy.js';
import { strategyContext, type WriteScope } from './write-scope.js';

/**
 * Throws 422 with every fault of a new object: metadata's first, then the type's own. Returns something to wait for
 * only where judging takes more than a turn of the event loop.
 */
export function validateNewObject(scope: WriteScope, object: KubeObject, now: number): Promise<void> | undefined {
  const { strategy } = scope;
  const errors = [
    ...(strategy.validatesMetadata ? [] : newMetadataErrors(scope, object)),
    ...(strategy.validateCreate?.(object, strategyContext(scope, now)) ?? []),
  ];
  return judged(scope, object, undefined, errors);
}

function newMetadataErrors({ type, strategy }: WriteScope, { metadata }: KubeObject): readonly FieldError[] {
  return validateObjectMeta(metadata, { namespaced: type.namespaced, nameValidator: strategy.validateName });
}

/** The same for a changed object, whose metadata is judged as that of a new one, too, but for the kind of its name. */
export function validateChangedObject(
  scope: WriteScope,
  object: KubeObject,
  old: KubeObject,
  now: number,
): Promise<void> | undefined {
  const { strategy } = scope;
  const { metadata } = object;
  const errors = [
    ...validateObjectMeta(metadata, { namespaced: scope.type.namespaced, nameValidator: nameIsPathSegment }),
    ...validateObjectMetaUpdate(metadata, old.metadata),
    ...(strategy.validateUpdate?.(object, old, strategyContext(scope, now)) ?? []),
  ];
  return judged(scope, object, old, errors);
}

function judged(
  scope: WriteScope,
  object: KubeObject,
  old: KubeObject | undefined,
  errors: readonly FieldError[],
): Promise<void> | undefined {
  const { judge } = scope.strategy;
  const findings = judge === undefined ? undefined : inTurns(judge(object, old));
  if (findings instanceof Promise) return findings.then((found) => conclude(scope, object, old, errors, found));
  conclude(scope, object, old, errors, findings);
  return undefined;
}

function conclude(
  scope: WriteScope,
  object: KubeObject,
  old: KubeObject | undefined,
  errors: readonly FieldError[],
  found: Findings | undefined,
): void {
  const all = found === undefined ? errors : [...errors, ...found.errors];
  if (all.length > 0) throw newInvalid(scope.type.storageKind, object.metadata.name ?? '', all);
  for (const text of found?.warnings ?? []) scope.warn(text);
  for (const text of scope.strategy.warnings?.(object, old) ?? []) scope.warn(text);
}
