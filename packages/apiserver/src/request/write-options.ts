import { type FieldError, forbidden, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { validateFieldManager } from '@kcp/apimachinery/validation/object-meta';
import { FIELD_MANAGER_LENGTH_MAX } from '../limits.js';
import { type OptionsKind, refuseFaults } from './options-fault.js';
import type { Query } from './query.js';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** What every write may ask for, checked. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** Server-side apply only. */
  readonly force: boolean;
  /** What of this the request states, as members of its options object. */
  readonly stated: JsonObject;
}

/**
 * Reads the query of a create, update or patch. `apply` tells a server-side apply, which needs a fieldManager and may
 * be forced. The manager of other writes is the client's name, as upstream makes it from the User-Agent. Throws 422.
 */
export function parseWriteOptions(
  query: Query,
  kind: OptionsKind,
  userAgent: string | undefined,
  apply = false,
): WriteOptions {
  const fieldManager = query.get('fieldManager');
  const validation = query.get('fieldValidation');
  const faults = [
    ...forceFaults(query, kind, apply),
    ...managerFaults(fieldManager, apply),
    ...dryRunFaults(query.getAll('dryRun')),
    ...validationFaults(validation),
  ];
  refuseFaults(kind, faults);
  return {
    dryRun: query.has('dryRun'),
    fieldManager: fieldManager === '' ? managerOfUserAgent(userAgent) : fieldManager,
    fieldValidation: validation === 'Ignore' || validation === 'Strict' ? validation : 'Warn',
    force: query.flag('force'),
    stated: {
      ...(query.has('dryRun') ? { dryRun: ['All'] } : {}),
      ...(fieldManager === '' ? {} : { fieldManager }),
      ...(validation === '' ? {} : { fieldValidation: validation }),
    },
  };
}

/** Only `All` is known. */
export function dryRunFaults(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', [...values], ['All'])];
}

function forceFaults(query: Query, kind: OptionsKind, apply: boolean): FieldError[] {
  if (kind !== 'PatchOptions' || apply || !query.has('force')) return [];
  return [forbidden('force', 'may not be specified for non-apply patch')];
}

function managerFaults(manager: string, apply: boolean): FieldError[] {
  if (manager === '') return apply ? [required('fieldManager', 'is required for apply patch')] : [];
  return validateFieldManager(manager, 'fieldManager');
}

function validationFaults(value: string): FieldError[] {
  if (['', 'Ignore', 'Warn', 'Strict'].includes(value)) return [];
  return [notSupported('fieldValidation', value, ['', 'Ignore', 'Strict', 'Warn'])];
}

/** The part before the first slash, printable characters only, cut to the limit (upstream's `prefixFromUserAgent`). */
function managerOfUserAgent(userAgent: string | undefined): string {
  const [prefix = ''] = (userAgent ?? '').split('/');
  return prefix.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '').slice(0, FIELD_MANAGER_LENGTH_MAX);
}
