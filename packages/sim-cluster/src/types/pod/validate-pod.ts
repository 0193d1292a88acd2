import { duplicate, type FieldError, forbidden, invalid, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import { dns1123Label, dns1123Subdomain } from '@kcp/apimachinery/validation/names';
import { validateAnnotations, validateLabels } from '@kcp/apimachinery/validation/object-meta';
import { notNegative } from '../numbers.js';
import { choiceErrors, containersErrors } from './validate-containers.js';

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const DNS_POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];
const INT32_MAX = 2 ** 31 - 1;

/** Faults of a PodTemplateSpec (upstream's `ValidatePodTemplateSpec`). */
export function templateErrors(template: JsonObject, field: string): FieldError[] {
  const metadata = readObject(template, 'metadata') ?? {};
  const at = childPath(field, 'metadata');
  return [
    ...validateLabels(textMap(metadata, 'labels'), childPath(at, 'labels')),
    ...validateAnnotations(textMap(metadata, 'annotations'), childPath(at, 'annotations')),
    ...podSpecErrors(readObject(template, 'spec') ?? {}, childPath(field, 'spec')),
  ];
}

/** A map of texts, whose types the decoder has checked. */
export function textMap(object: JsonObject, name: string): Record<string, string> {
  const entries = Object.entries(readObject(object, name) ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Faults of a PodSpec. */
export function podSpecErrors(spec: JsonObject, field: string): FieldError[] {
  return [
    ...volumesErrors(spec, childPath(field, 'volumes')),
    ...containersErrors(spec, field),
    ...choiceErrors(spec, 'restartPolicy', RESTART_POLICIES, field),
    ...choiceErrors(spec, 'dnsPolicy', DNS_POLICIES, field),
    ...validateLabels(textMap(spec, 'nodeSelector'), childPath(field, 'nodeSelector')),
    ...nameErrors(spec, 'serviceAccountName', field),
    ...nameErrors(spec, 'nodeName', field),
    ...deadlineErrors(spec, field),
    ...notNegative(spec, ['terminationGracePeriodSeconds'], field),
  ];
}

function nameErrors(spec: JsonObject, name: string, field: string): FieldError[] {
  const value = readString(spec, name);
  return value === '' ? [] : dns1123Subdomain(value).map((text) => invalid(childPath(field, name), value, text));
}

function deadlineErrors(spec: JsonObject, field: string): FieldError[] {
  const seconds = readNumber(spec, 'activeDeadlineSeconds');
  if (seconds === undefined || (seconds >= 1 && seconds <= INT32_MAX)) return [];
  return [invalid(childPath(field, 'activeDeadlineSeconds'), seconds, `must be between 1 and ${INT32_MAX}, inclusive`)];
}

function volumesErrors(spec: JsonObject, field: string): FieldError[] {
  const names = new Set<string>();
  return readObjects(spec, 'volumes').flatMap((volume, index) => {
    const at = indexPath(field, index);
    const path = childPath(at, 'name');
    const name = readString(volume, 'name');
    const errors = sourceErrors(volume, at);
    if (name === '') errors.push(required(path));
    else errors.push(...dns1123Label(name).map((text) => invalid(path, name, text)));
    if (names.has(name)) errors.push(duplicate(path, name));
    names.add(name);
    return errors;
  });
}

function sourceErrors(volume: JsonObject, field: string): FieldError[] {
  const [first, ...more] = Object.keys(volume).filter((key) => key !== 'name');
  if (first === undefined) return [required(field, 'must specify a volume type')];
  return [
    ...more.map((kind) => forbidden(childPath(field, kind), 'may not specify more than 1 volume type')),
    ...missingNames(volume, field),
  ];
}

const NAMED_SOURCES: readonly (readonly [kind: string, member: string])[] = [
  ['secret', 'secretName'],
  ['configMap', 'name'],
  ['persistentVolumeClaim', 'claimName'],
  ['hostPath', 'path'],
];

function missingNames(volume: JsonObject, field: string): FieldError[] {
  return NAMED_SOURCES.flatMap(([kind, member]) => {
    const source = readObject(volume, kind);
    if (source === undefined || readString(source, member) !== '') return [];
    return [required(childPath(childPath(field, kind), member))];
  });
}
