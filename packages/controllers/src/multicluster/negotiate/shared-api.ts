import { commonSchema } from '@kcp/apimachinery/compatibility/compatible-schema';
import { type FieldError, invalid } from '@kcp/apimachinery/errors/field-error';
import type { ApiSpec } from '../apis/api-spec.js';

export interface SharedApi {
  readonly api: ApiSpec;
  /** Why the two do not get along; paths below the kind. */
  readonly errors: readonly FieldError[];
}

/**
 * What two descriptions of an API have in common: the lowest common denominator of their schemas and the subresources of
 * both. Kind and scope must be the same. Without `narrow` it is the first, with an error wherever the second offers less.
 */
export function sharedApi(existing: ApiSpec, next: ApiSpec, narrow: boolean): SharedApi {
  const { kind } = existing;
  const errors: FieldError[] = [];
  if (next.kind !== kind) errors.push(invalid(`${kind}.kind`, next.kind, `the kind is ${kind}`));
  if (next.scope !== existing.scope) {
    errors.push(invalid(`${kind}.scope`, next.scope, `the scope is ${existing.scope}`));
  }
  const lost = existing.subresources.filter((name) => !next.subresources.includes(name));
  if (!narrow) for (const name of lost) errors.push(invalid(`${kind}.subResources`, name, 'is not served'));
  // The same one is its own common denominator.
  const same = { schema: existing.schema, errors: [] };
  const schema = existing.schema === next.schema ? same : commonSchema(kind, existing.schema, next.schema, narrow);
  const subresources = existing.subresources.filter((name) => !lost.includes(name));
  return { api: { ...existing, schema: schema.schema, subresources }, errors: [...errors, ...schema.errors] };
}
