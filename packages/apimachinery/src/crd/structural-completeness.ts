import { type FieldError, required } from '../errors/field-error.js';
import { getOwn, isObject, type JsonObject } from '../json/value.js';
import { objectMembers, readObject, readObjects } from '../schema/read.js';
import { isRestDue, type Work } from '../turns/work.js';
import { childPath, indexPath, keyPath } from '../validation/field-path.js';

/** Whatever is named inside allOf, anyOf, oneOf or not must be specified outside of them, too. */
export function completenessErrors(schema: JsonObject, field: string): Work<FieldError[]> {
  return combined(schema, schema, field, field);
}

/** `nested` is the value validation, found at `at`; `schema` is the structure it talks about, found at `field`. */
function* combined(nested: JsonObject, schema: JsonObject | undefined, field: string, at: string): Work<FieldError[]> {
  if (schema === undefined) return [required(field, `because it is defined in ${at}`)];
  const errors: FieldError[] = [];
  const not = readObject(nested, 'not');
  if (not !== undefined) errors.push(...(yield* inner(not, schema, field, childPath(at, 'not'))));
  for (const name of ['allOf', 'anyOf', 'oneOf']) {
    for (const [index, clause] of readObjects(nested, name).entries()) {
      errors.push(...(yield* inner(clause, schema, field, indexPath(childPath(at, name), index))));
    }
  }
  return errors;
}

function* inner(nested: JsonObject, schema: JsonObject | undefined, field: string, at: string): Work<FieldError[]> {
  if (isRestDue()) yield;
  if (schema === undefined) return [required(field, `because it is defined in ${at}`)];
  const errors = yield* combined(nested, schema, field, at);
  const items = readObject(nested, 'items');
  if (items !== undefined) {
    errors.push(
      ...(yield* inner(items, readObject(schema, 'items'), childPath(field, 'items'), childPath(at, 'items'))),
    );
  }
  const properties = readObject(schema, 'properties') ?? {};
  for (const [name, property] of objectMembers(nested, 'properties')) {
    const structure = getOwn(properties, name);
    const [fieldOf, atOf] = [field, at].map((path) => keyPath(childPath(path, 'properties'), name));
    errors.push(...(yield* inner(property, isObject(structure) ? structure : undefined, fieldOf ?? '', atOf ?? '')));
  }
  return errors;
}
