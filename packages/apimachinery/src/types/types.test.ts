import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListMergeType, MapMergeType, MergeType } from '../merge-type/merge-type.js';
import { mergeTypeOf, objectMetaMergeType } from './merge-type-of.js';
import { structType } from './struct-type.js';
import { builtInKinds, typeOf } from './type-of.js';

function kind(name: string, group = '', version = 'v1') {
  return { group, version, kind: name };
}

function at(type: MergeType | undefined, ...path: string[]): MergeType | undefined {
  let current = type;
  for (const name of path) {
    if (current?.kind === 'list') current = current.element;
    current = current?.kind === 'map' ? (current.field(name) ?? current.element) : undefined;
  }
  return current;
}

function listAt(type: MergeType | undefined, ...path: string[]): ListMergeType {
  const found = at(type, ...path);
  assert.equal(found?.kind, 'list', path.join('.'));
  return found;
}

function mapAt(type: MergeType | undefined, ...path: string[]): MapMergeType {
  const found = at(type, ...path);
  assert.equal(found?.kind, 'map', path.join('.'));
  return found;
}

test('kinds are found by group, version and kind, others are not', () => {
  assert.equal(typeOf(kind('ConfigMap'))?.openApiName, 'io.k8s.api.core.v1.ConfigMap');
  assert.equal(typeOf(kind('Lease', 'coordination.k8s.io'))?.name, 'coordination/v1.Lease');
  assert.equal(typeOf(kind('ConfigMap', 'apps')), undefined);
  assert.equal(typeOf(kind('constructor')), undefined);
  assert.equal(typeOf({ group: '', version: '__proto__', kind: 'x' }), undefined);
});

test('every kind can be built, down to the last field', () => {
  for (const gvk of builtInKinds()) assert.ok((typeOf(gvk)?.fields.length ?? 0) >= 0, gvk.kind);
  assert.ok(builtInKinds().length > 150);
});

test('fields of inlined structs stand in the struct that inlines them', () => {
  const webhookRule = structType('admissionregistration/v1.RuleWithOperations');
  assert.deepEqual(
    webhookRule.fields.map((field) => field.name),
    ['operations', 'apiGroups', 'apiVersions', 'resources', 'scope'],
  );
  assert.equal(webhookRule.field('apiGroups')?.listType, 'atomic');
});

test('recursive types are made on demand', () => {
  const schema = structType('apiextensions/v1.JSONSchemaProps');
  const not = schema.field('not')?.type;
  assert.ok(not?.kind === 'struct' && not.struct === schema);
  const merge = mergeTypeOf(kind('CustomResourceDefinition', 'apiextensions.k8s.io'));
  assert.ok(at(merge, 'spec', 'versions', 'schema', 'openAPIV3Schema', 'not', 'not', 'properties'));
});

test('lists of metadata merge as upstream publishes them', () => {
  const meta = objectMetaMergeType();
  const owners = listAt(meta, 'ownerReferences');
  assert.deepEqual([owners.relationship, owners.keys, owners.patchMergeKey], ['map', ['uid'], 'uid']);
  const finalizers = listAt(meta, 'finalizers');
  assert.deepEqual([finalizers.relationship, finalizers.patchMerge], ['set', true]);
  assert.equal(listAt(meta, 'managedFields').relationship, 'atomic');
  assert.equal(mapAt(meta, 'labels').relationship, 'granular');
});

test('lists without a list type are atomic, also where a strategic patch merges them', () => {
  const role = mergeTypeOf(kind('ClusterRole', 'rbac.authorization.k8s.io'));
  assert.deepEqual([listAt(role, 'rules').relationship, listAt(role, 'rules').patchMerge], ['atomic', false]);
  const account = mergeTypeOf(kind('ServiceAccount'));
  assert.equal(listAt(account, 'secrets').patchMergeKey, 'name');
  assert.deepEqual(
    [listAt(account, 'imagePullSecrets').relationship, listAt(account, 'imagePullSecrets').patchMerge],
    ['atomic', false],
  );
});

test('key members that have a default are filled in', () => {
  const ports = listAt(mergeTypeOf(kind('Service')), 'spec', 'ports');
  assert.deepEqual([ports.keys, ports.keyDefaults], [['port', 'protocol'], { port: 0, protocol: 'TCP' }]);
  assert.equal(ports.patchMergeKey, 'port');
});

test('atomic structs and selectors are replaced whole', () => {
  const binding = mergeTypeOf(kind('RoleBinding', 'rbac.authorization.k8s.io'));
  assert.equal(mapAt(binding, 'roleRef').relationship, 'atomic');
  assert.equal(mapAt(mergeTypeOf(kind('Service')), 'spec', 'selector').relationship, 'atomic');
});

test('a deployment keeps only the members of a strategy that the patch names', () => {
  assert.equal(mapAt(mergeTypeOf(kind('Deployment', 'apps')), 'spec', 'strategy').retainKeys, true);
});

test('the same kind gives the same merge type', () => {
  assert.equal(mergeTypeOf(kind('Secret')), mergeTypeOf(kind('Secret')));
  assert.equal(mergeTypeOf(kind('Widget', 'example.com')), undefined);
});
