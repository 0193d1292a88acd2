import type { JsonObject } from '../json/value.js';
import { type FieldError, fieldErrorText } from './field-error.js';
import { goQuote } from './go-quote.js';

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The plural resource; for reason Invalid the Kind. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** `metav1.Status`. `reason` is absent where upstream leaves it empty (an untyped error, status 500). */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly continue?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** A resource as error texts name it. */
export interface ResourceName {
  readonly group: string;
  readonly resource: string;
}

/** A kind as error texts name it. */
export interface KindName {
  readonly group: string;
  readonly kind: string;
}

/**
 * The one error type that a client sees: it carries the whole Status that will be sent. Constructors below keep
 * upstream's names and texts (apimachinery `api/errors`), which clients match on.
 */
export class StatusError extends Error {
  readonly status: Status;

  constructor(code: number, reason: string, message: string, details?: StatusDetails, listContinue?: string) {
    super(message);
    this.name = 'StatusError';
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: listContinue === undefined ? {} : { continue: listContinue },
      status: 'Failure',
      message,
      ...(reason === '' ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }

  get code(): number {
    return this.status.code ?? 500;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

/** True when `error` is a StatusError with that reason (`NotFound`, `Conflict`, …). */
export function hasReason(error: unknown, reason: string): error is StatusError {
  return error instanceof StatusError && error.reason === reason;
}

/** `configmaps` for the core group, `leases.coordination.k8s.io` elsewhere. */
export function qualified(resource: ResourceName): string {
  return resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;
}

function about(resource: ResourceName, name: string, more: Partial<StatusDetails> = {}): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    ...(resource.resource === '' ? {} : { kind: resource.resource }),
    ...more,
  };
}

export function newNotFound(resource: ResourceName, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(resource)} ${goQuote(name)} not found`, about(resource, name));
}

export function newAlreadyExists(resource: ResourceName, name: string): StatusError {
  const text = `${qualified(resource)} ${goQuote(name)} already exists`;
  return new StatusError(409, 'AlreadyExists', text, about(resource, name));
}

/** AlreadyExists, but not for long. */
export function newBeingDeleted(resource: ResourceName, name: string): StatusError {
  const text = `object is being deleted: ${qualified(resource)} ${goQuote(name)} already exists`;
  return new StatusError(409, 'AlreadyExists', text, about(resource, name));
}

/** AlreadyExists after the last attempt at a generated name. */
export function newGenerateNameConflict(resource: ResourceName, name: string): StatusError {
  const text = `${qualified(resource)} ${goQuote(name)} already exists, the server was not able to generate a unique name for the object`;
  return new StatusError(409, 'AlreadyExists', text, about(resource, name, { retryAfterSeconds: 1 }));
}

export function newConflict(resource: ResourceName, name: string, why: string): StatusError {
  const text = `Operation cannot be fulfilled on ${qualified(resource)} ${goQuote(name)}: ${why}`;
  return new StatusError(409, 'Conflict', text, about(resource, name));
}

/** The 409 of server-side apply: causes only, no name in the details. */
export function newApplyConflict(causes: readonly StatusCause[], message: string): StatusError {
  return new StatusError(409, 'Conflict', message, { causes });
}

export const OBJECT_MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

/** `kind` and details.kind are the Kind, not the resource. Errors that say the same twice are listed once. */
export function newInvalid(kind: KindName, name: string, errors: readonly FieldError[]): StatusError {
  const kindText = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const texts = [...new Set(errors.map(fieldErrorText))];
  const all = texts.length === 0 ? '<nil>' : texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new StatusError(422, 'Invalid', `${kindText} ${goQuote(name)} is invalid: ${all}`, {
    ...about({ group: kind.group, resource: kind.kind }, name),
    ...(errors.length === 0
      ? {}
      : { causes: errors.map(({ reason, message, field }) => ({ reason, message, field })) }),
  });
}

export function newForbidden(
  resource: ResourceName,
  name: string,
  why: string,
  causes?: readonly StatusCause[],
): StatusError {
  const what =
    resource.resource === ''
      ? 'forbidden'
      : name === ''
        ? `${qualified(resource)} is forbidden`
        : `${qualified(resource)} ${goQuote(name)} is forbidden`;
  return new StatusError(403, 'Forbidden', `${what}: ${why}`, about(resource, name, causes ? { causes } : {}));
}

export function newUnauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized');
}

export function newBadRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

/** A verb that the resource lacks: `update is not supported on resources of kind "R"`. */
export function newMethodNotSupported(resource: ResourceName, verb: string): StatusError {
  const text = `${verb} is not supported on resources of kind ${goQuote(qualified(resource))}`;
  return new StatusError(405, 'MethodNotAllowed', text, about(resource, ''));
}

/** A method that the path lacks; the text that the generic response of upstream gives. */
export function newMethodNotAllowed(): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

export function newNotAcceptable(accepted: readonly string[]): StatusError {
  return new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);
}

export function newUnsupportedMediaType(accepted: readonly string[]): StatusError {
  const text = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', text);
}

/** The same in the words of the router, which knows no more than the media type. */
export function newUnroutedMediaType(): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

export function newRequestEntityTooLarge(message: string): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', message);
}

/** 410; `listContinue` is a fresh token with which the client may go on inconsistently. */
export function newExpired(message: string, listContinue?: string): StatusError {
  return new StatusError(410, 'Expired', message, undefined, listContinue);
}

export function newTooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds });
}

export function newTimeout(message: string, retryAfterSeconds: number, causes?: readonly StatusCause[]): StatusError {
  return new StatusError(504, 'Timeout', `Timeout: ${message}`, {
    ...(causes ? { causes } : {}),
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
  });
}

/** A resourceVersion that the server has not reached. `current` and `wanted` are resourceVersions. */
export function newTooLargeResourceVersion(wanted: string, current: string): StatusError {
  return newTimeout(`Too large resource version: ${wanted}, current: ${current}`, 1, [
    { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' },
  ]);
}

export function newServiceUnavailable(message: string): StatusError {
  return new StatusError(503, 'ServiceUnavailable', message);
}

export function newInternalError(message: string): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** What upstream does with an error that is no Status: code 500, no reason, the bare text. */
export function newUntyped(message: string): StatusError {
  return new StatusError(500, '', message);
}

/** The Status as decoded JSON, for encoders that take objects. */
export function statusObject(status: Status): JsonObject {
  return status as unknown as JsonObject;
}
