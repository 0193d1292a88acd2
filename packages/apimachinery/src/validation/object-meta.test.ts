import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../errors/field-error.js';
import type { ObjectMeta } from '../meta/object.js';
import { finalizerWarnings } from './finalizers.js';
import { nameIsDnsSubdomain } from './names.js';
import { ANNOTATIONS_MAX_BYTES, validateObjectMeta, validateObjectMetaUpdate } from './object-meta.js';

const created = (meta: ObjectMeta, namespaced = true): string[] =>
  validateObjectMeta(meta, { namespaced, nameValidator: nameIsDnsSubdomain }).map(fieldErrorText);
const updated = (meta: ObjectMeta, old: ObjectMeta): string[] =>
  validateObjectMetaUpdate(meta, old).map(fieldErrorText);
const NAMED = { name: 'a', namespace: 'default' };

test('a plain object is fine', () => {
  assert.deepEqual(created({ ...NAMED, labels: { app: 'x' }, annotations: { 'example.com/Note': 'any text\n' } }), []);
});

test('a name is needed', () => {
  assert.deepEqual(created({ namespace: 'default' }), [
    'metadata.name: Required value: name or generateName is required',
  ]);
});

test('namespaces belong to namespaced types only', () => {
  assert.deepEqual(created({ name: 'a' }), ['metadata.namespace: Required value']);
  assert.deepEqual(created(NAMED, false), ['metadata.namespace: Forbidden: not allowed on this type']);
});

test('annotations are limited in total', () => {
  const half = 'x'.repeat(ANNOTATIONS_MAX_BYTES / 2);
  assert.deepEqual(created({ ...NAMED, annotations: { a: half, b: half } }), [
    'metadata.annotations: Too long: may not be more than 262144 bytes',
  ]);
});

test('owner references as the recorded server judges them', () => {
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'u' };
  const both = [owner, { ...owner, name: 'b' }].map((each) => ({ ...each, controller: true }));
  assert.deepEqual(created({ ...NAMED, ownerReferences: [{ ...owner, uid: '' }] }), [
    'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
  ]);
  assert.deepEqual(created({ ...NAMED, ownerReferences: [{ ...owner, kind: 'Event' }] }), [
    'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"a","uid":"u"}: /v1, Kind=Event is disallowed from being an owner',
  ]);
  assert.deepEqual(created({ ...NAMED, ownerReferences: both }), [
    `metadata.ownerReferences: Invalid value: ${JSON.stringify(both)}: Only one reference can have Controller set to true. Found "true" in references for ConfigMap/a and ConfigMap/b`,
  ]);
});

test('finalizers are qualified names, and orphan excludes foreground', () => {
  assert.deepEqual(created({ ...NAMED, finalizers: ['example.com/hold', 'nodomain'] }), []);
  assert.equal(created({ ...NAMED, finalizers: ['a b'] }).length, 1);
  assert.deepEqual(created({ ...NAMED, finalizers: ['orphan', 'foregroundDeletion'] }), [
    'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
  ]);
});

test('a finalizer without a domain is warned of', () => {
  assert.deepEqual(finalizerWarnings(['hold', 'orphan', 'example.com/x']), [
    'metadata.finalizers: "hold": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers',
  ]);
});

test('an update keeps identity and needs a version', () => {
  const old = { ...NAMED, uid: 'u', resourceVersion: '1', generation: 2 };
  assert.deepEqual(updated(old, old), []);
  assert.deepEqual(updated({ ...old, name: 'b', resourceVersion: '', generation: 1 }, old), [
    'metadata.resourceVersion: Invalid value: "": must be specified for an update',
    'metadata.generation: Invalid value: 1: must not be decremented',
    'metadata.name: Invalid value: "b": field is immutable',
  ]);
});

test('finalizers may only go once an object is being deleted', () => {
  const old = {
    ...NAMED,
    resourceVersion: '1',
    deletionTimestamp: '2026-01-02T00:00:00Z',
    finalizers: ['a.b/c', 'a.b/d'],
  };
  assert.deepEqual(updated({ ...old, finalizers: ['a.b/c'] }, old), []);
  assert.deepEqual(updated({ ...old, finalizers: ['z.y/x', 'a.b/c', 'b.c/d'] }, old), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"b.c/d", "z.y/x"}',
  ]);
});

test('managedFields need a known operation', () => {
  const entry = { manager: 'm', operation: 'Create', fieldsType: 'FieldsV2' };
  assert.deepEqual(created({ ...NAMED, managedFields: [entry] }), [
    'metadata.managedFields[0].operation: Invalid value: "Create": must be `Apply` or `Update`',
    'metadata.managedFields[0].fieldsType: Invalid value: "FieldsV2": must be `FieldsV1`',
  ]);
});
