import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../json/value.js';
import { acceptNames, namesAreSettled } from './accept-names.js';

function definition(plural: string, names: JsonObject, group = 'example.com'): JsonObject {
  const singular = plural.slice(0, -1);
  const kind = singular.charAt(0).toUpperCase() + singular.slice(1);
  const all = { plural, singular, kind, listKind: `${kind}List`, ...names };
  return {
    metadata: { name: `${plural}.${group}` },
    spec: { group, names: all },
    status: { acceptedNames: { plural: '', kind: '' } },
  };
}

function accepted(crd: JsonObject): JsonObject {
  const { names, namesAccepted, established } = acceptNames(crd, []);
  return { ...crd, status: { acceptedNames: names, conditions: [{ ...namesAccepted }, { ...established }] } };
}

const widget = accepted(definition('widgets', { shortNames: ['wd'], categories: ['golden'] }));

test('a first definition gets all its names', () => {
  const { names, namesAccepted, established } = acceptNames(definition('widgets', { shortNames: ['wd'] }), []);
  assert.deepEqual(names, {
    plural: 'widgets',
    singular: 'widget',
    shortNames: ['wd'],
    kind: 'Widget',
    listKind: 'WidgetList',
  });
  assert.deepEqual(namesAccepted, {
    type: 'NamesAccepted',
    status: 'True',
    reason: 'NoConflicts',
    message: 'no conflicts found',
  });
  assert.deepEqual(established, {
    type: 'Established',
    status: 'True',
    reason: 'InitialNamesAccepted',
    message: 'the initial names have been accepted',
  });
  assert.equal(namesAreSettled(widget), true);
});

// the four conflicts as a real server reported them, with the names that it accepted nevertheless
for (const [crd, reason, message, names] of [
  [
    definition('gadgets', { kind: 'Widget' }),
    'KindConflict',
    '"Widget" is already in use',
    { plural: 'gadgets', singular: 'gadget', kind: '', listKind: 'GadgetList' },
  ],
  [
    definition('gizmos', { shortNames: ['gz', 'wd'], categories: ['golden'] }),
    'ShortNamesConflict',
    '"wd" is already in use',
    { plural: 'gizmos', singular: 'gizmo', kind: 'Gizmo', listKind: 'GizmoList', categories: ['golden'] },
  ],
  [
    definition('tools', { singular: 'widget' }),
    'SingularConflict',
    '"widget" is already in use',
    { plural: 'tools', kind: 'Tool', listKind: 'ToolList' },
  ],
  [
    definition('things', { listKind: 'WidgetList' }),
    'ListKindConflict',
    '"WidgetList" is already in use',
    { plural: 'things', singular: 'thing', kind: 'Thing' },
  ],
] as const) {
  test(`a taken name leads to ${reason}`, () => {
    const result = acceptNames(crd, [widget]);
    assert.deepEqual(result.names, names);
    assert.deepEqual(result.namesAccepted, { type: 'NamesAccepted', status: 'False', reason, message });
    assert.deepEqual(result.established, {
      type: 'Established',
      status: 'False',
      reason: 'NotAccepted',
      message: 'not all names are accepted',
    });
  });
}

test('a name that has become free is accepted', () => {
  const gadget = definition('gadgets', { kind: 'Widget' });
  const waiting = { ...gadget, status: { acceptedNames: acceptNames(gadget, [widget]).names } };
  assert.equal(namesAreSettled(waiting), false);
  assert.equal(acceptNames(waiting, []).established.status, 'True');
});

test('groups do not disturb each other, nor a definition itself', () => {
  assert.equal(acceptNames(definition('widgets', {}, 'other.com'), [widget]).namesAccepted.status, 'True');
  assert.equal(acceptNames(widget, [widget]).namesAccepted.status, 'True');
});

test('a definition once established stays so', () => {
  const renamed = {
    ...widget,
    spec: {
      group: 'example.com',
      names: { plural: 'widgets', singular: 'gizmo', kind: 'Widget', listKind: 'WidgetList' },
    },
  };
  const { namesAccepted, established, names } = acceptNames(renamed, [accepted(definition('gizmos', {}))]);
  assert.equal(namesAccepted.reason, 'SingularConflict');
  assert.equal(established.status, 'True');
  assert.equal(names.singular, 'widget');
});
