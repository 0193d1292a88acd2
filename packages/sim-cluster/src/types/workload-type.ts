import { type FieldError, invalid, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { readObject } from '@kcp/apimachinery/schema/read';
import { selectorOfObject, validateLabelSelector } from '@kcp/apimachinery/selectors/label-selector-object';
import { SelectorError } from '@kcp/apimachinery/selectors/selector-error';
import { childPath } from '@kcp/apimachinery/validation/field-path';
import { builtinStrategy } from '@kcp/apiserver/builtins/builtin-strategy';
import { type BuiltinSpec, builtinType } from '@kcp/apiserver/builtins/builtin-type';
import { keepStatus, statusSubresource } from '@kcp/apiserver/builtins/status-subresource';
import type { ResourceType } from '@kcp/apiserver/registry/resource-type';
import { scaleProjection } from '@kcp/apiserver/registry/scale-projection';
import type { Strategy } from '@kcp/apiserver/registry/strategy';
import { NOT_NEGATIVE } from './numbers.js';
import { textMap } from './pod/validate-pod.js';

/** A type with spec and status, as its file states it. */
export interface WorkloadSpec extends Omit<BuiltinSpec, 'strategy' | 'categories' | 'singular'> {
  readonly inAll?: boolean;
  /** What is special about the main endpoint, besides that the status is not its business. */
  readonly strategy?: Partial<Strategy>;
  /** The selector of a type that can be scaled, as text. */
  readonly scale?: (object: KubeObject) => string;
}

/** Makes a type whose status is written through an endpoint of its own. */
export function workloadType(spec: WorkloadSpec): ResourceType {
  const { inAll, scale, strategy: own, ...plain } = spec;
  const main = builtinStrategy({
    generation: 'spec',
    resetFields: { 'f:status': {} },
    prepareForUpdate: keepStatus,
    ...own,
    prepareForCreate: (object, context) => {
      delete object.status;
      own?.prepareForCreate?.(object, context);
      object.status ??= {};
    },
  });
  return builtinType({
    ...plain,
    ...(inAll === true ? { categories: ['all'] } : {}),
    strategy: main,
    subresources: {
      status: statusSubresource(),
      ...(scale === undefined ? {} : { scale: scaleOf(scale, main) }),
      ...spec.subresources,
    },
  });
}

function scaleOf(selector: (object: KubeObject) => string, strategy: Strategy): ReturnType<typeof scaleProjection> {
  return scaleProjection({
    specReplicas: ['spec', 'replicas'],
    statusReplicas: ['status', 'replicas'],
    selector,
    strategy,
    validate: (scale) => {
      const replicas = Number(readObject(scale, 'spec')?.replicas ?? 0);
      return replicas < 0 ? [invalid('spec.replicas', replicas, NOT_NEGATIVE)] : [];
    },
  });
}

/** The spec of an object; empty when it has none. */
export function specOf(object: JsonObject): JsonObject {
  return readObject(object, 'spec') ?? {};
}

export function appsV1(kind: string): GroupVersionKind {
  return { group: 'apps', version: 'v1', kind };
}

/** The `selector` of a spec as text, for Scale. */
export function selectorText(object: KubeObject): string {
  try {
    return selectorOfObject(readObject(specOf(object), 'selector') ?? {}).toString();
  } catch (error) {
    if (error instanceof SelectorError) return '';
    throw error;
  }
}

/** Faults of `spec.selector` alone and against the labels of the template. `owner` stands in the texts. */
export function selectorErrors(spec: JsonObject, owner: string): FieldError[] {
  const selector = readObject(spec, 'selector');
  if (selector === undefined) return [required('spec.selector')];
  const errors = validateLabelSelector(selector, 'spec.selector');
  if (Object.keys(selector).length === 0) {
    errors.push(invalid('spec.selector', selector, `empty selector is invalid for ${owner}`));
  }
  return errors.length > 0 ? errors : mismatch(spec, selector);
}

function mismatch(spec: JsonObject, selector: JsonObject): FieldError[] {
  const metadata = readObject(readObject(spec, 'template') ?? {}, 'metadata') ?? {};
  const labels = textMap(metadata, 'labels');
  if (selectorOfObject(selector).matches(labels)) return [];
  return [
    invalid(childPath('spec.template.metadata', 'labels'), labels, '`selector` does not match template `labels`'),
  ];
}
