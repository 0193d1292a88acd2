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

type Selectable = Readonly<Record<string, (event: JsonObject) => string>>;

/** Fields of the object that an event is about, by the name that a version has for it. Both are stored as the core's. */
const about = (reference: string): Selectable =>
  Object.fromEntries(
    INVOLVED.map((name) => [
      `${reference}.${name}`,
      (event: JsonObject) => readString(readObject(event, 'involvedObject') ?? {}, name),
    ]),
  );
const reason = (event: JsonObject): string => readString(event, 'reason');
const reporter = (event: JsonObject): string => readString(event, 'reportingComponent');
const type = (event: JsonObject): string => readString(event, 'type');

const CORE_FIELDS: Selectable = {
  ...about('involvedObject'),
  reason,
  reportingComponent: reporter,
  source: (event) => readString(readObject(event, 'source') ?? {}, 'component') || reporter(event),
  type,
};

/** As upstream's `AddFieldLabelConversionsForEvent` of events.k8s.io, which has no `source`. */
const FIELDS: Selectable = { ...about('regarding'), reason, reportingController: reporter, type };

const NAMES = { plural: 'events', shortNames: ['ev'], namespaced: true };

/** Both versions may be written to a name that is not there. In the core group metadata is not judged once more. */
const CORE_STRATEGY: Strategy = {
  ...builtinStrategy(),
  hasNoDependents: true,
  validateName: nameIsPathSegment,
  createOnUpdate: true,
  validateCreate: (event) => validateAnyEvent(event, 'reportingComponent'),
  validateUpdate: (event) => validateAnyEvent(event, 'reportingComponent'),
};

export const CORE_EVENTS = builtinType({
  gvk: CORE_EVENT,
  ...NAMES,
  selectableFields: CORE_FIELDS,
  strategy: CORE_STRATEGY,
});

const STRICT = builtinStrategy({
  hasNoDependents: true,
  createOnUpdate: true,
  validateCreate: validateStrictly,
  validateUpdate: validateStrictUpdate,
});

export const EVENTS = builtinType({
  gvk: { group: 'events.k8s.io', version: 'v1', kind: 'Event' },
  ...NAMES,
  selectableFields: FIELDS,
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
