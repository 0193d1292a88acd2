import { type FieldError, invalid } from '@kcp/apimachinery/errors/field-error';
import { isNumber, type JsonObject } from '@kcp/apimachinery/json/value';
import { readNumber, readString } from '@kcp/apimachinery/schema/read';

const PORT_MAX = 65_535;
const NAME_MAX_BYTES = 15;

export function portNumberErrors(port: number, field: string): FieldError[] {
  const fine = port >= 1 && port <= PORT_MAX;
  return fine ? [] : [invalid(field, port, `must be between 1 and ${PORT_MAX}, inclusive`)];
}

/** An IANA service name (upstream's `IsValidPortName`). */
export function portNameErrors(name: string, field: string): FieldError[] {
  const texts: string[] = [];
  if (name.length > NAME_MAX_BYTES) texts.push(`must be no more than ${NAME_MAX_BYTES} characters`);
  if (!/^[-a-z0-9]+$/.test(name)) {
    texts.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(name)) texts.push('must contain at least one letter (a-z)');
  if (name.includes('--')) texts.push('must not contain consecutive hyphens');
  if (/^-|-$/.test(name)) texts.push('must not begin or end with a hyphen');
  return texts.map((text) => invalid(field, name, text));
}

/** A member that is the number or the name of a port. */
export function portReferenceErrors(object: JsonObject, name: string, field: string): FieldError[] {
  if (isNumber(object[name])) return portNumberErrors(readNumber(object, name) ?? 0, field);
  return portNameErrors(readString(object, name), field);
}
