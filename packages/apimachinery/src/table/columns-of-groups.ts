import type { JsonObject } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { readNumber, readObject, readObjects, readString } from '../schema/read.js';
import { AGE_COLUMN, column, creationAge, NAME_COLUMN, type TableType } from './column.js';
import { conditionStatus } from './columns-of-core.js';
import { humanDuration } from './human-duration.js';

const NONE: JsonObject = {};
const UNSET = '<unset>';

function nameOf(object: KubeObject): string {
  return object.metadata.name ?? '';
}

function specOf(object: KubeObject): JsonObject {
  return readObject(object, 'spec') ?? NONE;
}

/** RoleBinding and ClusterRoleBinding. */
export const BINDING_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Role', 'string', 'The role that is granted.'),
    AGE_COLUMN,
    column('Users', 'string', 'Users to whom it is granted.', { priority: 1 }),
    column('Groups', 'string', 'Groups to which it is granted.', { priority: 1 }),
    column('ServiceAccounts', 'string', 'Service accounts to which it is granted.', { priority: 1 }),
  ],
  cells: (object) => {
    const role = readObject(object, 'roleRef') ?? NONE;
    const subjects = readObjects(object, 'subjects');
    const names = (kind: string): string =>
      subjects
        .filter((subject) => readString(subject, 'kind') === kind)
        .map((subject) => subjectName(subject, kind))
        .join(', ');
    return [
      nameOf(object),
      `${readString(role, 'kind')}/${readString(role, 'name')}`,
      creationAge(object),
      names('User'),
      names('Group'),
      names('ServiceAccount'),
    ];
  },
};

function subjectName(subject: JsonObject, kind: string): string {
  const name = readString(subject, 'name');
  return kind === 'ServiceAccount' ? `${readString(subject, 'namespace')}/${name}` : name;
}

export const CERTIFICATE_SIGNING_REQUEST_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    AGE_COLUMN,
    column('SignerName', 'string', 'Who is asked to sign.'),
    column('Requestor', 'string', 'The user who asks.'),
    column('RequestedDuration', 'string', 'How long the certificate is to be valid.'),
    column('Condition', 'string', 'How far the request has come.'),
  ],
  cells: (object) => {
    const spec = specOf(object);
    const seconds = readNumber(spec, 'expirationSeconds');
    return [
      nameOf(object),
      creationAge(object),
      readString(spec, 'signerName') || '<none>',
      readString(spec, 'username'),
      seconds === undefined ? '<none>' : humanDuration(seconds * 1000),
      requestState(object),
    ];
  },
};

function requestState(object: KubeObject): string {
  const has = (type: string): boolean => conditionStatus(object, type) !== undefined;
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  const issued = readString(readObject(object, 'status') ?? NONE, 'certificate') !== '';
  return `${decision}${has('Failed') ? ',Failed' : ''}${issued ? ',Issued' : ''}`;
}

/** MutatingWebhookConfiguration and ValidatingWebhookConfiguration. */
export const WEBHOOK_CONFIGURATION_TABLE: TableType = {
  columns: [NAME_COLUMN, column('Webhooks', 'integer', 'Number of webhooks.'), AGE_COLUMN],
  cells: (object) => [nameOf(object), readObjects(object, 'webhooks').length, creationAge(object)],
};

export const VALIDATING_POLICY_TABLE = policyTable('Validations', 'validations', 'Number of validations.');
export const MUTATING_POLICY_TABLE = policyTable('Mutations', 'mutations', 'Number of mutations.');

function policyTable(name: string, field: string, description: string): TableType {
  return {
    columns: [
      NAME_COLUMN,
      column(name, 'integer', description),
      column('ParamKind', 'string', 'The kind of the parameters, if it takes any.'),
      AGE_COLUMN,
    ],
    cells: (object) => {
      const kind = readObject(specOf(object), 'paramKind');
      const paramKind = kind === undefined ? UNSET : `${readString(kind, 'apiVersion')}/${readString(kind, 'kind')}`;
      return [nameOf(object), readObjects(specOf(object), field).length, paramKind, creationAge(object)];
    },
  };
}

/** Bindings of both kinds of admission policies. */
export const POLICY_BINDING_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('PolicyName', 'string', 'The policy that is bound.'),
    column('ParamRef', 'string', 'The parameters that the policy gets.'),
    AGE_COLUMN,
  ],
  cells: (object) => {
    const spec = specOf(object);
    const reference = readObject(spec, 'paramRef');
    return [nameOf(object), readString(spec, 'policyName'), referenceText(reference), creationAge(object)];
  },
};

function referenceText(reference: JsonObject | undefined): string {
  if (reference === undefined) return UNSET;
  const [namespace, name] = [readString(reference, 'namespace'), readString(reference, 'name')];
  return namespace === '' ? name : `${namespace}/${name}`;
}

export const API_SERVICE_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Service', 'string', 'Who serves the group version.'),
    column('Available', 'string', 'Whether it can be reached.'),
    AGE_COLUMN,
  ],
  cells: (object) => {
    const service = readObject(specOf(object), 'service');
    return [
      nameOf(object),
      service === undefined ? 'Local' : referenceText(service),
      availability(object),
      creationAge(object),
    ];
  },
};

function availability(object: KubeObject): string {
  const condition = conditionStatus(object, 'Available');
  if (condition === undefined) return 'Unknown';
  const status = readString(condition, 'status');
  return status === 'True' ? status : `${status} (${readString(condition, 'reason')})`;
}
