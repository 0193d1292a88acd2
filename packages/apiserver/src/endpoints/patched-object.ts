import { UndecodableError } from '@kcp/apimachinery/codec/decode-context';
import { invalid } from '@kcp/apimachinery/errors/field-error';
import { goPrint } from '@kcp/apimachinery/errors/go-print';
import { newBadRequest, newInvalid } from '@kcp/apimachinery/errors/status-error';
import { sortedText } from '@kcp/apimachinery/json/sorted-text';
import { jsonTypeName } from '@kcp/apimachinery/json/type-name';
import { isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf, type GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import type { DecodedObject, ProjectedSubresource } from '../registry/resource-type.js';
import type { WriteOptions } from '../request/write-options.js';
import { foreignKind, otherKind, otherVersion, parseGroupVersion } from './foreign-kind.js';
import type { ResourceRequest } from './resource-request.js';

/** What a patch made of an object. */
export interface Patched {
  readonly value: JsonValue;
  /** The patch, where it was a strategic one. */
  readonly strategic?: JsonValue;
  /** What strict validation says of the patch itself. */
  readonly faults: readonly string[];
}

/** A patched object of the version of the URL, decoded like a body; strict faults are 422 for patches. */
export function decodePatched(rr: ResourceRequest, patched: Patched, options: WriteOptions): KubeObject {
  const { type } = rr;
  const decode = (value: JsonObject): DecodedObject => type.codec.decode(value);
  return decoded(rr, patched, options, type.gvk, decode);
}

/** The same for a projection such as a Scale. */
export function decodePatchedProjection(
  rr: ResourceRequest,
  subresource: ProjectedSubresource,
  patched: Patched,
  options: WriteOptions,
): KubeObject {
  return decoded(rr, patched, options, subresource.kind, (value) => subresource.decode(value));
}

function decoded(
  rr: ResourceRequest,
  patched: Patched,
  options: WriteOptions,
  kind: GroupVersionKind,
  decode: (value: JsonObject) => DecodedObject,
): KubeObject {
  try {
    const { object, strictErrors } = decode(expectObject(rr, patched, kind));
    // The decoder goes through a patched object by the names of its members.
    const faults = rr.type.origin === 'custom' ? strictErrors : [...strictErrors].sort();
    report(rr, patched, [...patched.faults, ...faults], options);
    return object;
  } catch (error) {
    throw error instanceof UndecodableError ? unfit(patched, error.why) : error;
  }
}

function expectObject(rr: ResourceRequest, patched: Patched, expected: GroupVersionKind): JsonObject {
  const { value } = patched;
  if (!isObject(value))
    throw unfit(patched, `json: cannot unmarshal ${jsonTypeName(value)} into Go value of type struct`);
  const { kind, apiVersion } = value;
  if (kind === expected.kind && apiVersion === apiVersionOf(expected)) return value;
  if (patched.strategic !== undefined) return { ...value, kind: expected.kind, apiVersion: apiVersionOf(expected) };
  if (rr.type.origin === 'builtin' && !kind && !apiVersion) throw nameless(rr.target.name);
  const text = shown(patched);
  if (typeof kind !== 'string' || kind === '') throw unfit(patched, `Object 'Kind' is missing in '${text}'`);
  if (typeof apiVersion !== 'string' || apiVersion === '')
    throw unfit(patched, `Object 'apiVersion' is missing in '${text}'`);
  if (rr.type.origin === 'custom' && rr.type.gvk === expected) throw otherIdentity(expected, kind, apiVersion, value);
  const version = parseGroupVersion(apiVersion);
  if (version === undefined) throw unfit(patched, `unexpected GroupVersion string: ${apiVersion}`);
  throw unfit(
    patched,
    foreignKind(expected, { ...version, kind }) ?? `${apiVersion}, Kind=${kind} cannot be patched here`,
  );
}

/** Without a kind upstream reads the object as one of its internal type, in which it finds no name. */
function nameless(name: string): Error {
  return newBadRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
}

function otherIdentity(expected: GroupVersionKind, kind: string, apiVersion: string, value: JsonObject): Error {
  return kind === expected.kind ? otherVersion(expected, apiVersion, value) : otherKind(expected, kind, value);
}

/** 422 for what a patch makes of an object, when that cannot be read. */
function unfit(patched: Patched, why: string): Error {
  return newInvalid({ group: '', kind: '' }, '', [invalid('patch', shown(patched), why)]);
}

/** Upstream shows the text of the object; where it makes no text of it, what the patch says. */
function shown({ value, strategic }: Patched): string {
  return strategic === undefined ? sortedText(value) : goPrint(strategic);
}

function report(rr: ResourceRequest, patched: Patched, errors: readonly string[], options: WriteOptions): void {
  if (errors.length === 0 || options.fieldValidation === 'Ignore') return;
  if (options.fieldValidation === 'Warn') {
    for (const error of errors) rr.warnings.add(error);
    return;
  }
  throw unfit(patched, `strict decoding error: ${errors.join(', ')}`);
}
