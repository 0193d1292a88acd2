import { goPrint } from '../errors/go-print.js';
import type { JsonValue } from '../json/value.js';

/**
 * A strategic merge patch that cannot be applied. `code` is the HTTP status upstream answers with: 400 for a patch of
 * the wrong form, 422 for what the format cannot express, 500 (an untyped error) for the rest.
 */
export class StrategicMergePatchError extends Error {
  readonly code: 400 | 422 | 500;

  constructor(code: 400 | 422 | 500, message: string) {
    super(message);
    this.name = 'StrategicMergePatchError';
    this.code = code;
  }
}

export function badPrimitiveListFormat(): StrategicMergePatchError {
  return new StrategicMergePatchError(400, 'invalid patch format of primitive list');
}

export function badRetainKeysFormat(): StrategicMergePatchError {
  return new StrategicMergePatchError(400, 'invalid patch format of retainKeys');
}

export function badElementOrderFormat(): StrategicMergePatchError {
  return new StrategicMergePatchError(400, 'invalid patch format of setElementOrder list');
}

export function listOfLists(): StrategicMergePatchError {
  return new StrategicMergePatchError(422, 'lists of lists are not supported');
}

export function noMergeKey(item: JsonValue, key: string): StrategicMergePatchError {
  return new StrategicMergePatchError(500, `map: ${goPrint(item)} does not contain declared merge key: ${key}`);
}

export function unknownPatchType(directive: JsonValue, item: JsonValue): StrategicMergePatchError {
  return new StrategicMergePatchError(500, `unknown patch type: ${goPrint(directive)} in map: ${goPrint(item)}`);
}

export function mixedElements(lists: readonly JsonValue[]): StrategicMergePatchError {
  return new StrategicMergePatchError(500, `list element types are not identical: [${lists.map(goPrint).join(' ')}]`);
}

export function orderMismatch(list: JsonValue, order: JsonValue): StrategicMergePatchError {
  const text = `The order in patch list:\n${goPrint(list)}\n doesn't match $setElementOrder list:\n${goPrint(order)}\n`;
  return new StrategicMergePatchError(500, text);
}
