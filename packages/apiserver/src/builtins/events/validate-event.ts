import { type FieldError, invalid, required } from '@kcp/apimachinery/errors/field-error';
import { deepEqual, isObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readString } from '@kcp/apimachinery/schema/read';
import { dns1123Subdomain, qualifiedName } from '@kcp/apimachinery/validation/names';
import { validateImmutable } from '@kcp/apimachinery/validation/object-meta';

const TEXT_BYTES_MAX = 128;
const MESSAGE_BYTES_MAX = 1024;

/**
 * What every event must fulfil, in the form of the core group, under whose names upstream reports nearly all faults;
 * `controllerField` is what the version of the request calls the reporting controller.
 */
export function validateAnyEvent(event: KubeObject, controllerField: string): FieldError[] {
  const namespace = event.metadata.namespace ?? '';
  return [
    ...(isUnset(event.eventTime)
      ? oldStyleErrors(event, namespace)
      : newStyleErrors(event, namespace, controllerField)),
    ...dns1123Subdomain(namespace).map((text) => invalid('namespace', namespace, text)),
  ];
}

/** What events.k8s.io/v1 asks of a new event beyond that. */
export function validateStrictly(event: KubeObject): FieldError[] {
  const errors = seriesErrors(event);
  const type = readString(event, 'type');
  const source = readObject(event, 'source') ?? {};
  if (isUnset(event.eventTime)) errors.push(required('eventTime'));
  if (type !== 'Normal' && type !== 'Warning') errors.push(invalid('type', '', `has invalid value: ${type}`));
  const unset: readonly (readonly [string, boolean])[] = [
    ['firstTimestamp', isUnset(event.firstTimestamp)],
    ['lastTimestamp', isUnset(event.lastTimestamp)],
    ['count', (readNumber(event, 'count') ?? 0) === 0],
    ['source', readString(source, 'component') === '' && readString(source, 'host') === ''],
  ];
  for (const [field, fine] of unset) if (!fine) errors.push(invalid(field, '', 'needs to be unset'));
  return errors;
}

/** What Go has for a member, as it prints it: its own form of a structure, and never nothing. */
type GoForm = (value: JsonValue | undefined) => JsonValue;

const asText: GoForm = (value) => value ?? '';
const asTime: GoForm = (value) => value ?? null;
const asCount: GoForm = (value) => value ?? 0;
const asSource: GoForm = (value) => {
  const source = isObject(value) ? value : {};
  return { Component: readString(source, 'component'), Host: readString(source, 'host') };
};
const asReference: GoForm = (value) => {
  const reference = isObject(value) ? value : {};
  return {
    Kind: readString(reference, 'kind'),
    Namespace: readString(reference, 'namespace'),
    Name: readString(reference, 'name'),
    UID: readString(reference, 'uid'),
    APIVersion: readString(reference, 'apiVersion'),
    ResourceVersion: readString(reference, 'resourceVersion'),
    FieldPath: readString(reference, 'fieldPath'),
  };
};

/** In upstream's order, `reason` twice. The internal name of `reportingComponent` is `reportingController`. */
const IMMUTABLE: readonly (readonly [name: string, field: string, form: GoForm])[] = [
  ['involvedObject', 'involvedObject', asReference],
  ['reason', 'reason', asText],
  ['message', 'message', asText],
  ['source', 'source', asSource],
  ['firstTimestamp', 'firstTimestamp', asTime],
  ['lastTimestamp', 'lastTimestamp', asTime],
  ['count', 'count', asCount],
  ['reason', 'reason', asText],
  ['type', 'type', asText],
  ['eventTime', 'eventTime', asTime],
  ['action', 'action', asText],
  ['related', 'related', (value) => (value === undefined ? null : asReference(value))],
  ['reportingComponent', 'reportingController', asText],
  ['reportingInstance', 'reportingInstance', asText],
];

/** events.k8s.io/v1 lets an update change the series only. */
export function validateStrictUpdate(event: KubeObject, old: KubeObject): FieldError[] {
  return [
    ...(deepEqual(event.series, old.series) ? [] : seriesErrors(event)),
    ...IMMUTABLE.flatMap(([name, field, form]) => validateImmutable(form(event[name]), form(old[name]), field)),
  ];
}

function oldStyleErrors(event: KubeObject, namespace: string): FieldError[] {
  const involved = involvedNamespace(event);
  const fine = involved === '' ? namespace === '' || namespace === 'default' : namespace === involved;
  return fine ? [] : [otherNamespace(involved)];
}

function newStyleErrors(event: KubeObject, namespace: string, controllerField: string): FieldError[] {
  const errors: FieldError[] = [];
  const controller = readString(event, 'reportingComponent');
  if (involvedNamespace(event) === '' && namespace !== 'default' && namespace !== 'kube-system') {
    errors.push(otherNamespace(''));
  }
  if (controller === '') errors.push(required(controllerField));
  errors.push(...qualifiedName(controller).map((text) => invalid(controllerField, controller, text)));
  for (const name of ['reportingInstance', 'action', 'reason']) {
    const value = readString(event, name);
    if (value === '') errors.push(required(name));
    errors.push(...lengthErrors(value, name, TEXT_BYTES_MAX));
  }
  return [...errors, ...lengthErrors(readString(event, 'message'), 'message', MESSAGE_BYTES_MAX)];
}

function lengthErrors(value: string, field: string, max: number): FieldError[] {
  return Buffer.byteLength(value) > max ? [invalid(field, '', `can have at most ${max} characters`)] : [];
}

function seriesErrors(event: KubeObject): FieldError[] {
  const series = readObject(event, 'series');
  if (series === undefined) return [];
  const errors: FieldError[] = [];
  if ((readNumber(series, 'count') ?? 0) < 2) errors.push(invalid('series.count', '', 'should be at least 2'));
  if (isUnset(series.lastObservedTime)) errors.push(required('series.lastObservedTime'));
  return errors;
}

function involvedNamespace(event: KubeObject): string {
  return readString(readObject(event, 'involvedObject') ?? {}, 'namespace');
}

function otherNamespace(involved: string): FieldError {
  return invalid('involvedObject.namespace', involved, 'does not match event.namespace');
}

function isUnset(time: KubeObject[string] | undefined): boolean {
  return time === undefined || time === null;
}
