import type { FieldError } from '@kcp/apimachinery/errors/field-error';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import type { Strategy } from '../../registry/strategy.js';
import { builtinStrategy } from '../builtin-strategy.js';

export function admissionV1(kind: string): GroupVersionKind {
  return { group: 'admissionregistration.k8s.io', version: 'v1', kind };
}

export const ADMISSION_CATEGORIES = ['api-extensions'];
/** Upstream 1.36 still stores mutating policies and their bindings in this version. */
export const MUTATING_STORED_VERSION = 'v1beta1';

const RESERVED_SUFFIX = '.static.k8s.io';

/** What is special about a type of this group: how its object is judged. `old` is undefined for a creation. */
export interface AdmissionRules extends Partial<Strategy> {
  validate(object: KubeObject, old: KubeObject | undefined): FieldError[];
}

/** The strategy of the types of this group, whose changes are judged as creations are, metadata included. */
export function admissionStrategy({ validate, ...own }: AdmissionRules): Strategy {
  const judged = { validateCreate: (object: KubeObject) => validate(object, undefined), validateUpdate: validate };
  const common = { unconditionalUpdate: false, warnings: suffixWarnings };
  return builtinStrategy({ ...common, ...judged, ...own }, 'general', 'whole');
}

/** Names that upstream keeps for configuration from files. */
function suffixWarnings({ metadata }: KubeObject): string[] {
  if (!metadata.name?.endsWith(RESERVED_SUFFIX)) return [];
  const text = `names ending with ${goQuote(RESERVED_SUFFIX)} are reserved for static manifest-based configurations and cannot be managed via the API`;
  return [`metadata.name: ${text}`];
}
