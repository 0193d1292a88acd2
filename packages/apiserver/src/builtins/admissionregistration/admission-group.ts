import type { FieldError } from '@kcp/apimachinery/errors/field-error';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import type { Work } from '@kcp/apimachinery/turns/work';
import type { Findings, Strategy } from '../../registry/strategy.js';
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
  validate(object: KubeObject, old: KubeObject | undefined): Work<FieldError[]> | FieldError[];
}

/** The strategy of the types of this group, whose changes are judged as creations are, metadata included. */
export function admissionStrategy({ validate, ...own }: AdmissionRules): Strategy {
  const common: Partial<Strategy> = {
    unconditionalUpdate: false,
    warnings: suffixWarnings,
    judge: (object, old) => judged(validate(object, old)),
  };
  return builtinStrategy({ ...common, ...own }, 'general', 'whole');
}

/** Expressions are compiled on the way, and there may be thousands. */
function* judged(faults: Work<FieldError[]> | FieldError[]): Work<Findings> {
  return { errors: Array.isArray(faults) ? faults : yield* faults, warnings: [] };
}

/** Names that upstream keeps for configuration from files. */
function suffixWarnings({ metadata }: KubeObject): string[] {
  if (!metadata.name?.endsWith(RESERVED_SUFFIX)) return [];
  const text = `names ending with ${goQuote(RESERVED_SUFFIX)} are reserved for static manifest-based configurations and cannot be managed via the API`;
  return [`metadata.name: ${text}`];
}
