import type { JsonObject } from '../json/value.js';
import { DEDUCED, type ListMergeType, type MapMergeType, type MergeType, SCALAR } from '../merge-type/merge-type.js';

/** Types for tests, written down by hand as the type tables and schemas of the recorded server have them. */

type Fields = Readonly<Record<string, MergeType>>;
type Relationship = MapMergeType['relationship'];

export function struct(fields: Fields, relationship: Relationship = 'granular'): MapMergeType {
  return {
    kind: 'map',
    relationship,
    field: (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined),
    element: undefined,
  };
}

export function mapOf(element: MergeType, relationship: Relationship = 'granular'): MapMergeType {
  return { kind: 'map', relationship, field: () => undefined, element };
}

export function list(
  relationship: ListMergeType['relationship'],
  element: MergeType,
  more: Partial<Omit<ListMergeType, 'kind'>> = {},
): ListMergeType {
  return { kind: 'list', relationship, element, keys: [], keyDefaults: {}, patchMerge: false, ...more };
}

export function keyed(keys: readonly string[], element: MergeType, keyDefaults: JsonObject = {}): ListMergeType {
  return list('map', element, { keys, keyDefaults });
}

const OWNER = struct({ apiVersion: SCALAR, kind: SCALAR, name: SCALAR, uid: SCALAR, controller: SCALAR }, 'atomic');

const METADATA = struct({
  name: SCALAR,
  generateName: SCALAR,
  namespace: SCALAR,
  uid: SCALAR,
  resourceVersion: SCALAR,
  generation: SCALAR,
  creationTimestamp: SCALAR,
  deletionTimestamp: SCALAR,
  labels: mapOf(SCALAR),
  annotations: mapOf(SCALAR),
  finalizers: list('set', SCALAR, { patchMerge: true }),
  ownerReferences: list('map', OWNER, { keys: ['uid'], patchMerge: true, patchMergeKey: 'uid' }),
  managedFields: list('atomic', DEDUCED),
});

function kind(fields: Fields): MapMergeType {
  return struct({ apiVersion: SCALAR, kind: SCALAR, metadata: METADATA, ...fields });
}

export const CONFIG_MAP = kind({ data: mapOf(SCALAR), binaryData: mapOf(SCALAR), immutable: SCALAR });

const REFERENCE = struct({ name: SCALAR, namespace: SCALAR }, 'atomic');

export const SERVICE_ACCOUNT = kind({
  secrets: list('map', REFERENCE, { keys: ['name'], patchMerge: true, patchMergeKey: 'name' }),
  imagePullSecrets: list('atomic', struct({ name: SCALAR }, 'atomic')),
  automountServiceAccountToken: SCALAR,
});

const PAIR = { left: SCALAR, right: SCALAR };

/** The definition `plans` of the recorded scenario about custom resources. */
export const PLAN = kind({
  spec: struct({
    note: SCALAR,
    size: SCALAR,
    steps: list('atomic', SCALAR),
    loose: list('atomic', SCALAR),
    tags: list('set', SCALAR),
    env: keyed(['name'], struct({ name: SCALAR, value: SCALAR, from: struct({ key: SCALAR }) })),
    ports: keyed(['port', 'protocol'], struct({ port: SCALAR, protocol: SCALAR, name: SCALAR }), { protocol: 'TCP' }),
    groups: keyed(['name'], struct({ name: SCALAR, members: keyed(['id'], struct({ id: SCALAR, role: SCALAR })) })),
    labels: mapOf(SCALAR),
    frozen: mapOf(SCALAR, 'atomic'),
    pair: struct(PAIR),
    fixed: struct(PAIR, 'atomic'),
    any: DEDUCED,
  }),
  status: struct({
    phase: SCALAR,
    size: SCALAR,
    conditions: keyed(['type'], struct({ type: SCALAR, status: SCALAR })),
  }),
});
