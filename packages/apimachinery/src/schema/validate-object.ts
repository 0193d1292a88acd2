import type { FieldError } from '../errors/field-error.js';
import { getOwn, type JsonObject } from '../json/value.js';
import type { StructuralSchema } from './compile.js';
import { validateEmbedded } from './embedded.js';
import { validateListTypes } from './list-types.js';
import { validateScale } from './scale.js';
import { validateValue } from './validate.js';

/**
 * Validates a custom resource (its apiVersion, kind and metadata are not looked at) against the schema of its version,
 * in upstream's order: values, what `scale` (`subresources.scale`) points to, embedded resources, lists of type set and
 * map. With `old`, errors about unchanged values are dropped.
 */
export function validate(
  schema: StructuralSchema,
  object: JsonObject,
  old?: JsonObject,
  scale?: JsonObject,
): FieldError[] {
  return [
    ...validateValue(schema, object, { old }),
    ...(scale === undefined ? [] : validateScale(scale, object)),
    ...validateEmbedded(schema, object),
    ...newListErrors(schema, object, old),
  ];
}

/** Validates the `status` of an object that is written through the status subresource. */
export function validateStatus(
  schema: StructuralSchema,
  object: JsonObject,
  old: JsonObject,
  scale?: JsonObject,
): FieldError[] {
  const statusSchema = schema.properties.get('status');
  const status = getOwn(object, 'status');
  const errors: FieldError[] = [];
  if (statusSchema !== undefined && status !== undefined) {
    errors.push(...validateValue(statusSchema, status, { old: getOwn(old, 'status'), base: 'status' }));
  }
  if (scale !== undefined) errors.push(...validateScale(scale, object, 'status'));
  errors.push(...newListErrors(schema, object, old));
  return errors;
}

/** Duplicates are tolerated where the stored object already had some. */
function newListErrors(schema: StructuralSchema, object: JsonObject, old: JsonObject | undefined): FieldError[] {
  const errors = validateListTypes(schema, object);
  if (errors.length === 0 || old === undefined) return errors;
  return validateListTypes(schema, old).length === 0 ? errors : [];
}
