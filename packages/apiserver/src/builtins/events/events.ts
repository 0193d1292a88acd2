import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { nameIsPathSegment } from '@kcp/apimachinery/validation/names';
import type { Strategy } from '../../registry/strategy.js';
import { builtinStrategy } from '../builtin-strategy.js';
import { builtinType } from '../builtin-type.js';
import { eventFromCore, eventToCore } from './event-conversion.js';
import { validateAnyEvent, validateStrictly, validateStrictUpdate } from './validate-event.js';

const CORE_EVENT: GroupVersionKind = { group: '', version: 'v1', kind: 'Event' };
const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

/** Labels for selectors, read from the core group's form, in which both versions are stored. */
const FIELDS: Readonly<Record<string, (event: JsonObject) => string>> = {
  ...Object.fromEntries(
    INVOLVED.map((name) => [
      `involvedObject.${name}`,
      (event: JsonObject) => readString(readObject(event, 'involvedObject') ?? {}, name),
    ]),
  ),
  reason: (event) => readString(event, 'reason'),
  reportingComponent: (event) => readString(event, 'reportingComponent'),
  source: (event) =>
    readString(readObject(event, 'source') ?? {}, 'component') || readString(event, 'reportingComponent'),
  type: (event) => readString(event, 'type'),
};

/** The same in the words of the newer version. */
const NEWER_FIELDS = Object.fromEntries(
  Object.entries(FIELDS)
    .filter(([label]) => label !== 'source')
    .map(([label, read]) => [newerLabel(label), read]),
);

function newerLabel(label: string): string {
  return label === 'reportingComponent' ? 'reportingController' : label.replace('involvedObject.', 'regarding.');
}

const NAMES = { plural: 'events', shortNames: ['ev'], namespaced: true, selectableFields: FIELDS };

/** Both versions may be written to a name that is not there. In the core group metadata is not judged once more. */
const CORE_STRATEGY: Strategy = {
  ...builtinStrategy(),
  hasNoDependents: true,
  validateName: nameIsPathSegment,
  createOnUpdate: true,
  validateCreate: (event) => validateAnyEvent(event, 'reportingComponent'),
  validateUpdate: (event) => validateAnyEvent(event, 'reportingComponent'),
};

export const CORE_EVENTS = builtinType({ gvk: CORE_EVENT, ...NAMES, strategy: CORE_STRATEGY });

const STRICT = builtinStrategy({
  hasNoDependents: true,
  createOnUpdate: true,
  validateCreate: validateStrictly,
  validateUpdate: validateStrictUpdate,
});

export const EVENTS = builtinType({
  gvk: { group: 'events.k8s.io', version: 'v1', kind: 'Event' },
  ...NAMES,
  selectableFields: NEWER_FIELDS,
  storedAs: { gvk: CORE_EVENT, toStorage: eventToCore, fromStorage: eventFromCore },
  strategy: {
    ...STRICT,
    validateCreate: (event, context) => [
      ...validateAnyEvent(event, 'reportingController'),
      ...(STRICT.validateCreate?.(event, context) ?? []),
    ],
    validateUpdate: (event, old, context) => [
      ...validateAnyEvent(event, 'reportingController'),
      ...(STRICT.validateUpdate?.(event, old, context) ?? []),
    ],
  },
});
