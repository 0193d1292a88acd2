import { invalid } from '@kcp/apimachinery/errors/field-error';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newInvalid } from '@kcp/apimachinery/errors/status-error';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { apiVersionOf, type GroupVersionKind, parseApiVersion } from '@kcp/apimachinery/meta/resource';
import { readString } from '@kcp/apimachinery/schema/read';
import { typeOf } from '@kcp/apimachinery/types/type-of';

const EVENTS = 'events.k8s.io';
const EXTENSIONS = 'apiextensions.k8s.io';

/** Where upstream's library names a registry of types that was given no name of its own. */
const REGISTRY = '"pkg/runtime/scheme.go:111"';

/**
 * Why a body of kind `given` cannot be read as a built-in `expected`, in the words of upstream's decoder; undefined when
 * it can be: the two differ in their version alone.
 */
export function foreignKind(expected: GroupVersionKind, given: GroupVersionKind): string | undefined {
  if (!isRegistered(expected, given)) {
    return `no kind ${goQuote(given.kind)} is registered for version ${goQuote(apiVersionOf(given))} in scheme ${REGISTRY}`;
  }
  if (given.kind === expected.kind && packageOf(given.group) === packageOf(expected.group)) return undefined;
  const target = `${packageOf(expected.group)}.${expected.kind}`;
  return `converting (${given.version}.${given.kind}) to (${target}): unknown conversion`;
}

/** Definitions are decoded by a server of their own, which knows them and the kinds that everybody knows. */
function isRegistered(expected: GroupVersionKind, given: GroupVersionKind): boolean {
  if (typeOf(given) === undefined) return false;
  if (expected.group !== EXTENSIONS) return given.group !== EXTENSIONS;
  return given.group === EXTENSIONS || (given.group === '' && typeOf({ ...given, group: 'meta.k8s.io' }) !== undefined);
}

/** Both groups of events have one internal type, that of the core. */
function packageOf(group: string): string {
  return group === '' || group === EVENTS ? 'core' : (group.split('.')[0] ?? group);
}

/** An apiVersion as decoders take it: one that is empty names nothing, which is no fault here. */
export function parseGroupVersion(apiVersion: string): { group: string; version: string } | undefined {
  return apiVersion === '' ? { group: '', version: '' } : parseApiVersion(apiVersion);
}

/** Custom types take any kind at first: what differs is a fault of the object. */
export function otherKind(expected: GroupVersionKind, kind: string, value: JsonObject): Error {
  return newInvalid({ group: expected.group, kind }, nameIn(value), [
    invalid('kind', kind, `must be ${expected.kind}`),
  ]);
}

/** The same for the apiVersion, which a patch may change. */
export function otherVersion(expected: GroupVersionKind, apiVersion: string, value: JsonObject): Error {
  const group = parseGroupVersion(apiVersion)?.group ?? '';
  const fault = invalid('apiVersion', apiVersion, `must be ${apiVersionOf(expected)}`);
  return newInvalid({ group, kind: expected.kind }, nameIn(value), [fault]);
}

function nameIn(value: JsonObject): string {
  return isObject(value.metadata) ? readString(value.metadata, 'name') : '';
}
