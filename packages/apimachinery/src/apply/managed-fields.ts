import { isObject, type JsonValue } from '../json/value.js';
import type { ManagedFieldsEntry } from '../meta/object.js';
import { canonicalSet, EMPTY_SET, type FieldSet, isEmptySet } from './field-set.js';
import { parseFieldSet } from './field-set-json.js';
import { compareNames } from './path-element.js';

/** One manager's fields, decoded. An Apply entry is one per manager and subresource, whatever its apiVersion. */
export interface ManagerEntry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339 in UTC, whole seconds; undefined for an apply that changed nothing. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
  /** The entry as it was read, as long as it still says the same. */
  readonly source?: ManagedFieldsEntry;
}

/**
 * Reads `metadata.managedFields`; later entries replace earlier ones of the same identity. Returns upstream's text when
 * one is not valid, which makes all of them count for nothing.
 */
export function decodeManagedFields(entries: readonly JsonValue[]): ManagerEntry[] | string {
  const decoded = new Map<string, ManagerEntry>();
  for (const [i, entry] of entries.entries()) {
    const one = decodeEntry(entry, i);
    if (typeof one === 'string') return one;
    decoded.set(identityOf(one), one);
  }
  return [...decoded.values()];
}

function decodeEntry(entry: JsonValue, i: number): ManagerEntry | string {
  if (!isObject(entry)) return `managed fields entry ${i} is not an object`;
  const { operation, apiVersion, fieldsType, fieldsV1, time } = entry;
  if (operation !== 'Apply' && operation !== 'Update') return 'operation must be `Apply` or `Update`';
  if (typeof apiVersion !== 'string' || apiVersion === '') return 'apiVersion must not be empty';
  if (fieldsType === undefined || fieldsType === '') return `missing fieldsType in managed fields entry ${i}`;
  if (fieldsType !== 'FieldsV1') return `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${i}`;
  const fields = isObject(fieldsV1) ? parseFieldSet(fieldsV1) : EMPTY_SET;
  const canonicalTime = readTime(time);
  if (fields === undefined || canonicalTime === null) return `error decoding managed fields entry ${i}`;
  return {
    manager: text(entry.manager),
    operation,
    apiVersion,
    subresource: text(entry.subresource),
    time: canonicalTime,
    fields,
    ...(fields === fieldsV1 && canonicalTime === time ? { source: entry } : {}),
  };
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

const CANONICAL_TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;

/** The time in whole seconds of UTC, undefined when there is none, null when it is no time. */
function readTime(time: JsonValue | undefined): string | undefined | null {
  if (time === undefined || time === null) return undefined;
  if (typeof time !== 'string') return null;
  if (CANONICAL_TIME.test(time)) return time;
  const millis = Date.parse(time);
  return Number.isNaN(millis) ? null : `${new Date(millis).toISOString().slice(0, 19)}Z`;
}

/** Whose entry it is, as one text: an Apply entry is its manager's whatever the apiVersion. */
function identityOf({ manager, operation, apiVersion, subresource }: ManagerEntry): string {
  return `${operation}\0${operation === 'Apply' ? '' : apiVersion}\0${subresource}\0${manager}`;
}

export function sameManager(a: ManagerEntry, b: ManagerEntry): boolean {
  return identityOf(a) === identityOf(b);
}

/** The entry with other fields; undefined when there are none, for such an entry vanishes. */
export function withFields(entry: ManagerEntry, fields: FieldSet): ManagerEntry | undefined {
  if (isEmptySet(fields)) return undefined;
  if (fields === entry.fields) return entry;
  const { source: _, ...rest } = entry;
  return { ...rest, fields };
}

/**
 * What an object carries for these managers, in upstream's order: Apply before Update, then by time, manager,
 * apiVersion, subresource. Undefined for none; `before` itself when nothing is different.
 */
export function encodeManagedFields(
  entries: readonly ManagerEntry[],
  before: ManagedFieldsEntry[] | undefined,
): ManagedFieldsEntry[] | undefined {
  if (entries.length === 0) return undefined;
  const encoded = [...entries].sort(compareEntries).map(encodeEntry);
  const unchanged = before?.length === encoded.length && encoded.every((entry, i) => entry === before[i]);
  return unchanged ? before : encoded;
}

function encodeEntry(entry: ManagerEntry): ManagedFieldsEntry {
  if (entry.source !== undefined) return entry.source;
  const { manager, operation, apiVersion, time, subresource, fields } = entry;
  const encoded: ManagedFieldsEntry = manager === '' ? { operation } : { manager, operation };
  encoded.apiVersion = apiVersion;
  if (time !== undefined) encoded.time = time;
  encoded.fieldsType = 'FieldsV1';
  encoded.fieldsV1 = canonicalSet(fields);
  if (subresource !== '') encoded.subresource = subresource;
  return encoded;
}

function compareEntries(a: ManagerEntry, b: ManagerEntry): number {
  return (
    compareNames(a.operation, b.operation) ||
    compareNames(a.time ?? '', b.time ?? '') ||
    compareNames(a.manager, b.manager) ||
    compareNames(a.apiVersion, b.apiVersion) ||
    compareNames(a.subresource, b.subresource)
  );
}

/** What identifies a manager, as one text; upstream sorts conflicts and entries of the same second by it. */
export function identityText({ manager, operation, apiVersion, subresource }: ManagerEntry): string {
  return JSON.stringify({
    ...(manager === '' ? {} : { manager }),
    operation,
    ...(operation === 'Apply' ? {} : { apiVersion }),
    ...(subresource === '' ? {} : { subresource }),
  });
}
