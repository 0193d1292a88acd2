import { StatusError } from '@kcp/apimachinery/errors/status-error';
import { isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { readNumber, readObject, readObjects, readOptionalString, readString } from '@kcp/apimachinery/schema/read';
import { type Answer, TransportError } from '../transport/transport.js';
import { decodeJson } from './decode.js';

/** The failure that an answer with a status from 400 on tells of. */
export function failureOf(answer: Pick<Answer, 'status' | 'body'>): StatusError {
  return statusOf(answer) ?? bareFailure(answer.status);
}

/** Makes an error of a decoded Status; undefined when the value is none. */
export function statusErrorOf(value: JsonValue | undefined): StatusError | undefined {
  if (!isObject(value) || value.kind !== 'Status') return undefined;
  const details = readObject(value, 'details');
  const more = readOptionalString(readObject(value, 'metadata') ?? {}, 'continue');
  return new StatusError(
    readNumber(value, 'code') ?? 500,
    readString(value, 'reason'),
    readString(value, 'message'),
    details === undefined ? undefined : detailsOf(details),
    more,
  );
}

function statusOf({ body }: Pick<Answer, 'body'>): StatusError | undefined {
  try {
    return statusErrorOf(decodeJson(body));
  } catch (error) {
    // Pages in plain text have nothing to say but their code.
    if (error instanceof TransportError) return undefined;
    throw error;
  }
}

function detailsOf(details: JsonObject): NonNullable<StatusError['status']['details']> {
  const retryAfterSeconds = readNumber(details, 'retryAfterSeconds');
  const causes = readObjects(details, 'causes').map((cause) => texts(cause, ['reason', 'message', 'field']));
  return {
    ...texts(details, ['name', 'group', 'kind', 'uid']),
    ...(causes.length === 0 ? {} : { causes }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

function texts<K extends string>(object: JsonObject, names: readonly K[]): Partial<Record<K, string>> {
  const found: Partial<Record<K, string>> = {};
  for (const name of names) {
    const text = readOptionalString(object, name);
    if (text !== undefined) found[name] = text;
  }
  return found;
}

/** Reasons and texts of upstream's `NewGenericServerResponse`. */
const BARE: ReadonlyMap<number, readonly [reason: string, message: string]> = new Map([
  [400, ['BadRequest', 'the server rejected our request for an unknown reason']],
  [401, ['Unauthorized', 'the server has asked for the client to provide credentials']],
  [403, ['Forbidden', 'access denied']],
  [404, ['NotFound', 'the server could not find the requested resource']],
  [405, ['MethodNotAllowed', 'the server does not allow this method on the requested resource']],
  [406, ['NotAcceptable', 'the server was unable to respond with a content type that the client supports']],
  [409, ['Conflict', 'the server reported a conflict']],
  [410, ['Gone', 'the server has gone away']],
  [413, ['RequestEntityTooLarge', 'the request is too large']],
  [415, ['UnsupportedMediaType', 'the server was unable to process the request body']],
  [422, ['Invalid', 'the server rejected our request due to an error in our request']],
  [429, ['TooManyRequests', 'the server has received too many requests and has asked us to try again later']],
  [503, ['ServiceUnavailable', 'the server is currently unable to handle the request']],
  [
    504,
    [
      'Timeout',
      'the server was unable to return a response in the time allotted, but may still be processing the request',
    ],
  ],
]);

function bareFailure(code: number): StatusError {
  const [reason, message] = BARE.get(code) ?? [
    code >= 500 ? 'InternalError' : '',
    `the server responded with the status code ${code} but did not return more information`,
  ];
  return new StatusError(code, reason, message, {});
}
