import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, JsonValue } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { atOnce } from '../turns/work.js';
import { builtInTable } from './built-in-tables.js';
import { renderCell } from './column.js';
import { makingCustomTable } from './custom-columns.js';
import { partialObjectMetadataList } from './partial-object-metadata.js';
import { parseIncludeObject, printTable } from './table.js';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const TEN_MINUTES_AGO = '2026-01-02T02:54:05Z';
const TEN_HOURS_AGO = '2026-01-01T17:04:05Z';

function object(kind: string, name: string, rest: JsonObject = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, creationTimestamp: TEN_MINUTES_AGO }, ...rest };
}

function shown(group: string, instance: KubeObject): { columns: string[]; cells: JsonValue[] } {
  const type = builtInTable(group, instance.kind);
  return {
    columns: type.columns.map((column) => column.name + (column.priority > 0 ? '*' : '')),
    cells: type.cells(instance).map((cell) => renderCell(cell, NOW)),
  };
}

const user = (name: string): JsonObject => ({ kind: 'User', name });
const RBAC = 'rbac.authorization.k8s.io';

// columns, marked * when they are for wide output, and cells as a real server printed them
for (const [group, instance, columns, cells] of [
  [
    '',
    object('ConfigMap', 'c', { data: { a: '1', b: '2' }, binaryData: { x: 'AA==' } }),
    'Name Data Age',
    ['c', 3, '10m'],
  ],
  [
    '',
    object('Secret', 's', { type: 'example.com/kind', data: { a: '', b: '' } }),
    'Name Type Data Age',
    ['s', 'example.com/kind', 2, '10m'],
  ],
  ['', object('Namespace', 'n', { status: { phase: 'Active' } }), 'Name Status Age', ['n', 'Active', '10m']],
  ['', object('ServiceAccount', 'sa'), 'Name Age', ['sa', '10m']],
  [RBAC, object('Role', 'r'), 'Name Created At', ['r', TEN_MINUTES_AGO]],
  [
    RBAC,
    object('RoleBinding', 'b', {
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [
        user('ann'),
        user('bob'),
        { kind: 'Group', name: 'crew' },
        { kind: 'ServiceAccount', name: 'sa', namespace: 'n' },
      ],
    }),
    'Name Role Age Users* Groups* ServiceAccounts*',
    ['b', 'Role/r', '10m', 'ann, bob', 'crew', 'n/sa'],
  ],
  [
    'coordination.k8s.io',
    object('Lease', 'l', { spec: { holderIdentity: 'someone' } }),
    'Name Holder Age',
    ['l', 'someone', '10m'],
  ],
  [
    '',
    object('Event', 'e', {
      involvedObject: { kind: 'ConfigMap', name: 'c', fieldPath: 'data{a}' },
      reason: 'Golden',
      message: 'Something happened',
      type: 'Warning',
      count: 3,
      source: { component: 'golden', host: 'here' },
      firstTimestamp: TEN_HOURS_AGO,
      lastTimestamp: TEN_MINUTES_AGO,
    }),
    'Last Seen Type Reason Object Subobject* Source* Message First Seen* Count* Name*',
    ['10m', 'Warning', 'Golden', 'configmap/c', 'data{a}', 'golden, here', 'Something happened', '10h', 3, 'e'],
  ],
  [
    'events.k8s.io',
    object('Event', 'e', {
      regarding: { kind: 'Pod', name: 'p' },
      note: 'n',
      eventTime: TEN_HOURS_AGO,
      reportingController: 'x',
    }),
    'Last Seen Type Reason Object Subobject* Source* Message First Seen* Count* Name*',
    ['10h', '', '', 'pod/p', '', 'x', 'n', '10h', 1, 'e'],
  ],
  ['apiextensions.k8s.io', object('CustomResourceDefinition', 'd'), 'Name Created At', ['d', TEN_MINUTES_AGO]],
  [
    '',
    object('ResourceQuota', 'q', {
      status: { hard: { 'limits.cpu': '2', configmaps: '3' }, used: { configmaps: '1', 'limits.cpu': '0' } },
    }),
    'Name Request Limit Age',
    ['q', 'configmaps: 1/3', 'limits.cpu: 0/2', '10m'],
  ],
  [
    'certificates.k8s.io',
    object('CertificateSigningRequest', 'r', {
      spec: { signerName: 'example.com/s', username: 'ann', expirationSeconds: 3600 },
      status: { conditions: [{ type: 'Approved' }], certificate: 'AA==' },
    }),
    'Name Age SignerName Requestor RequestedDuration Condition',
    ['r', '10m', 'example.com/s', 'ann', '60m', 'Approved,Issued'],
  ],
  [
    'admissionregistration.k8s.io',
    object('ValidatingAdmissionPolicy', 'p', { spec: { validations: [{}] } }),
    'Name Validations ParamKind Age',
    ['p', 1, '<unset>', '10m'],
  ],
  [
    'apiregistration.k8s.io',
    object('APIService', 'v1.a', { status: { conditions: [{ type: 'Available', status: 'True' }] } }),
    'Name Service Available Age',
    ['v1.a', 'Local', 'True', '10m'],
  ],
] as const) {
  test(`${instance.kind} of group "${group}" as kubectl get shows it`, () => {
    assert.deepEqual(shown(group, instance), { columns: split(columns), cells });
  });
}

/** Column names, some of which have a space. */
function split(columns: string): string[] {
  return columns
    .replace(/(Created|Last|First) /g, '$1_')
    .split(' ')
    .map((name) => name.replace('_', ' '));
}

test('custom columns as a real server fills them', () => {
  const path = (name: string, type: string, jsonPath: string): JsonObject => ({ name, type, jsonPath });
  const type = atOnce(
    makingCustomTable([
      path('Replicas', 'integer', '.spec.replicas'),
      path('Ratio', 'number', '.spec.ratio'),
      path('On', 'boolean', '.spec.on'),
      path('Ready', 'string', '.status.conditions[?(@.type=="Ready")].status'),
      path('Tags', 'string', '.spec.tags'),
      path('Ports', 'string', '.spec.ports[*].name'),
      path('Labels', 'string', '.spec.labels'),
      path('Mismatch', 'integer', '.spec.image'),
      path('Expires', 'date', '.spec.when'),
      path('Missing', 'date', '.spec.then'),
      path('Age', 'date', '.metadata.creationTimestamp'),
    ]),
  );
  const instance = object('Machine', 't1', {
    spec: {
      replicas: 5,
      ratio: 0.25,
      on: true,
      image: 'nginx',
      tags: ['x', 'y'],
      ports: [{ name: 'a' }, { name: 'b' }],
      labels: { b: '2', a: '1' },
      when: '2999-01-01T00:00:00Z',
    },
    status: {
      conditions: [
        { type: 'Other', status: 'False' },
        { type: 'Ready', status: 'True' },
      ],
    },
  });
  assert.deepEqual(
    type.cells(instance).map((cell) => renderCell(cell, NOW)),
    ['t1', 5, 0.25, true, 'True', '["x","y"]', 'a', '{"a":"1","b":"2"}', null, '<invalid>', null, '10m'],
  );
  assert.equal(type.columns[2]?.description, 'Custom resource definition column (in JSONPath format): .spec.ratio');
});

test('from the first column on that says nothing sensible there are no more', () => {
  const column = (name: string, jsonPath: string): JsonObject => ({ name, type: 'string', jsonPath });
  const columns = [column('A', '.spec.a'), column('B', '.spec..*'), column('C', '.spec.c')];
  const type = atOnce(makingCustomTable(columns));
  assert.deepEqual(
    type.columns.map(({ name }) => name),
    ['Name', 'A'],
  );
  assert.deepEqual(type.cells(object('Machine', 't1', { spec: { a: 'x', c: 'y' } })), ['t1', 'x']);
});

test('without columns of its own a custom resource has name and age', () => {
  const type = atOnce(makingCustomTable([]));
  assert.deepEqual(
    type.columns.map(({ name, type: of }) => [name, of]),
    [
      ['Name', 'string'],
      ['Age', 'date'],
    ],
  );
});

test('a Table carries as much of the objects as was asked for', () => {
  const instance = object('ConfigMap', 'c', { data: { a: '1' } });
  const type = builtInTable('', 'ConfigMap');
  const table = (includeObject: 'None' | 'Metadata' | 'Object', now = NOW): JsonObject =>
    printTable({
      columns: type.columns,
      rows: [{ cells: type.cells(instance), object: instance }],
      includeObject,
      now,
      metadata: { resourceVersion: '7' },
    });
  assert.deepEqual(table('None').rows, [{ cells: ['c', 1, '10m'], object: null }]);
  assert.deepEqual(table('Object').rows, [{ cells: ['c', 1, '10m'], object: instance }]);
  const metadata = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: instance.metadata };
  assert.deepEqual(table('Metadata', NOW + 3_600_000).rows, [{ cells: ['c', 1, '70m'], object: metadata }]);
  assert.deepEqual(partialObjectMetadataList([instance], {}).items, [metadata]);
});

test('includeObject is one of three words', () => {
  assert.equal(parseIncludeObject(''), 'Metadata');
  assert.deepEqual(parseIncludeObject('Everything'), {
    reason: 'FieldValueInvalid',
    field: 'includeObject',
    message: `Invalid value: "Everything": must be 'Metadata', 'Object', 'None', or empty`,
  });
});
