import { BOOL, type CelType, DYN, INT, listType, mapType, STRING, structType, TIMESTAMP } from '../types/cel-type.js';

function object(name: string, fields: Readonly<Record<string, CelType>>): CelType {
  return structType(`kubernetes.${name}`, new Map(Object.entries(fields)));
}

const KIND = object('GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const RESOURCE = object('GroupVersionResource', { group: STRING, version: STRING, resource: STRING });
const USER = object('UserInfo', {
  username: STRING,
  uid: STRING,
  groups: listType(STRING),
  extra: mapType(STRING, listType(STRING)),
});

/** `request`: the AdmissionRequest without the objects, which are variables of their own. */
export const REQUEST_TYPE = object('AdmissionRequest', {
  kind: KIND,
  resource: RESOURCE,
  subResource: STRING,
  requestKind: KIND,
  requestResource: RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: USER,
  dryRun: BOOL,
  options: DYN,
});

const NAMESPACE_METADATA = object('NamespaceMetadata', {
  name: STRING,
  generateName: STRING,
  namespace: STRING,
  labels: mapType(STRING, STRING),
  annotations: mapType(STRING, STRING),
  UID: STRING,
  creationTimestamp: TIMESTAMP,
  deletionGracePeriodSeconds: INT,
  deletionTimestamp: TIMESTAMP,
  generation: INT,
  resourceVersion: STRING,
  finalizers: listType(STRING),
});
const NAMESPACE_CONDITION = object('NamespaceCondition', {
  status: STRING,
  type: STRING,
  lastTransitionTime: TIMESTAMP,
  message: STRING,
  reason: STRING,
});

/** `namespaceObject`: the namespace of the object, as far as expressions may know it. */
export const NAMESPACE_TYPE = object('Namespace', {
  metadata: NAMESPACE_METADATA,
  spec: object('NamespaceSpec', { finalizers: listType(STRING) }),
  status: object('NamespaceStatus', { conditions: listType(NAMESPACE_CONDITION), phase: STRING }),
});
