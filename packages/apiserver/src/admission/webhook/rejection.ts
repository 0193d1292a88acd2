import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import {
  newBadRequest,
  type StatusCause,
  type StatusDetails,
  StatusError,
} from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readNumber, readObject, readObjects, readOptionalString, readString } from '@kcp/apimachinery/schema/read';

const LOWEST_ERROR_CODE = 400;
/** What HTTP can carry as a code. */
const HIGHEST_CODE = 999;

/** The refusal of a webhook in the words and with the code that it chose; 400 where it chose none. */
export function rejection(webhook: string, result: JsonObject | undefined): StatusError {
  const status = result ?? {};
  const why = readString(status, 'message') || readString(status, 'reason');
  const denied = `admission webhook ${goQuote(webhook)} denied the request`;
  const message = why === '' ? `${denied} without explanation` : `${denied}: ${why}`;
  const details = readObject(status, 'details');
  return new StatusError(codeOf(status), readString(status, 'reason'), message, details && detailsOf(details));
}

export function dryRunUnsupported(webhook: string): StatusError {
  return newBadRequest(`admission webhook ${goQuote(webhook)} does not support dry run`);
}

function codeOf(status: JsonObject): number {
  const code = readNumber(status, 'code') ?? 0;
  return Number.isInteger(code) && code >= LOWEST_ERROR_CODE && code <= HIGHEST_CODE ? code : LOWEST_ERROR_CODE;
}

function detailsOf(details: JsonObject): StatusDetails {
  const retryAfterSeconds = readNumber(details, 'retryAfterSeconds');
  const causes = readObjects(details, 'causes').map(causeOf);
  return {
    ...texts(details, ['name', 'group', 'kind', 'uid']),
    ...(causes.length === 0 ? {} : { causes }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

function causeOf(cause: JsonObject): StatusCause {
  return texts(cause, ['reason', 'message', 'field']);
}

function texts(object: JsonObject, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = readOptionalString(object, name);
    if (value) found[name] = value;
  }
  return found;
}
