import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { isObject } from '@kcp/apimachinery/json/value';
import { readObject } from '@kcp/apimachinery/schema/read';
import fc from 'fast-check';
import type { ApiSpec } from '../apis/api-spec.js';
import type { UpdateStrategy } from '../apis/views.js';
import { agree, type Candidate, type Ground } from './agree.js';
import { sharedApi } from './shared-api.js';

/** An API whose objects have these properties and no others. */
function api(properties: string, more: Partial<ApiSpec> = {}): ApiSpec {
  const members: JsonObject = {};
  for (const name of properties) members[name] = { type: 'string' };
  return {
    group: 'example.com',
    version: 'v1',
    plural: 'things',
    kind: 'Thing',
    listKind: 'ThingList',
    singular: 'thing',
    shortNames: [],
    categories: [],
    scope: 'Namespaced',
    schema: { type: 'object', properties: members },
    subresources: [],
    columns: [],
    ...more,
  };
}

function candidate(
  location: string,
  properties: string,
  more: Partial<Pick<Candidate, 'party' | 'strategy'>> = {},
): Candidate {
  return { name: location, location, strategy: 'UpdateUnpublished', party: false, api: api(properties), ...more };
}

const agreed = (properties: string, published: boolean, ...locations: string[]): Ground => ({
  kind: 'agreed',
  api: api(properties),
  published,
  locations,
});
const NONE: Ground = { kind: 'none' };

/** The properties of what was agreed on. */
function known({ schema }: ApiSpec): string {
  const properties = readObject(schema, 'properties');
  return isObject(properties) ? Object.keys(properties).sort().join('') : '';
}

describe('what clusters agree on', () => {
  test('the first one as it is', () => {
    const { api: common, locations } = agree(NONE, [candidate('a', 'xy', { strategy: 'UpdateNever' })]);
    assert.equal(known(common), 'xy');
    assert.deepEqual(locations, ['a']);
  });

  const NEWCOMERS: readonly (readonly [UpdateStrategy, published: boolean, result: string])[] = [
    ['UpdateNever', false, 'xy'],
    ['UpdateNever', true, 'xy'],
    ['UpdateUnpublished', false, 'x'],
    ['UpdateUnpublished', true, 'xy'],
    ['UpdatePublished', false, 'x'],
    ['UpdatePublished', true, 'x'],
  ];
  for (const [strategy, published, result] of NEWCOMERS) {
    const state = published ? 'published' : 'not published';
    test(`a newcomer that offers less, with ${strategy}, while it is ${state}: ${result}`, () => {
      const party = candidate('a', 'xy', { party: true });
      const { api: common, verdicts } = agree(agreed('xy', published, 'a'), [party, candidate('b', 'x', { strategy })]);
      assert.equal(known(common), result);
      assert.equal(verdicts.get('b')?.length === 0, result === 'x');
    });
  }

  test('a definition made by hand, whatever the strategies', () => {
    const ground: Ground = { kind: 'enforced', api: api('xy') };
    const { api: common, locations } = agree(ground, [
      candidate('a', 'x', { strategy: 'UpdatePublished' }),
      candidate('b', 'xyz', { party: true }),
    ]);
    assert.equal(known(common), 'xy');
    assert.deepEqual(locations, ['b']);
  });

  test('when one leaves, what it alone had asked for is undone', () => {
    const { api: common } = agree(agreed('x', true, 'a', 'b'), [candidate('a', 'xy', { party: true })]);
    assert.equal(known(common), 'xy');
  });

  test('a party that loses something is judged by its strategy, and may not take it from what is published', () => {
    const { api: common, verdicts } = agree(agreed('xy', true, 'a'), [candidate('a', 'x')]);
    assert.equal(known(common), 'xy');
    assert.equal(verdicts.get('a')?.length, 1);
  });

  test('a party that only changes its strategy stays one', () => {
    const { api: common, locations } = agree(agreed('x', true, 'a', 'b'), [
      candidate('a', 'xy', { party: true }),
      candidate('b', 'x', { strategy: 'UpdateNever' }),
    ]);
    assert.equal(known(common), 'x');
    assert.deepEqual(locations, ['a', 'b']);
  });

  test('when all who agreed are gone, the first of the others begins anew', () => {
    const { api: common, locations } = agree(agreed('xy', true, 'gone'), [candidate('b', 'x')]);
    assert.equal(known(common), 'x');
    assert.deepEqual(locations, ['b']);
  });

  test('nothing across kinds and scopes', () => {
    const other = { ...candidate('b', 'xy'), api: api('xy', { scope: 'Cluster', kind: 'Other' }) };
    const { verdicts } = agree(agreed('xy', false, 'a'), [candidate('a', 'xy', { party: true }), other]);
    assert.deepEqual(
      verdicts.get('b')?.map(({ field }) => field),
      ['Thing.kind', 'Thing.scope'],
    );
  });

  test('only subresources that all have', () => {
    const both = api('x', { subresources: ['scale', 'status'] });
    const one = api('x', { subresources: ['status'] });
    assert.deepEqual(sharedApi(both, one, true).api.subresources, ['status']);
    assert.equal(sharedApi(both, one, false).errors[0]?.field, 'Thing.subResources');
    assert.deepEqual(sharedApi(one, both, false).errors, []);
  });
});

const anyProperties = fc.uniqueArray(fc.constantFrom('u', 'v', 'w', 'x', 'y'), { minLength: 1 });
const anyCandidate = fc.record({
  properties: anyProperties,
  party: fc.boolean(),
  strategy: fc.constantFrom<UpdateStrategy>('UpdateNever', 'UpdateUnpublished', 'UpdatePublished'),
});
const anyGround = fc.oneof(
  fc.constant(NONE),
  fc
    .record({ properties: anyProperties, published: fc.boolean() })
    .map(({ properties, published }) => agreed(properties.join(''), published, 'location0', 'gone')),
  anyProperties.map((properties): Ground => ({ kind: 'enforced', api: api(properties.join('')) })),
);

test('whoever agrees understands all that was agreed on, and agreeing again changes nothing', () => {
  fc.assert(
    fc.property(anyGround, fc.array(anyCandidate, { minLength: 1, maxLength: 5 }), (ground, all) => {
      const candidates = all.map(({ properties, ...more }, at) =>
        candidate(`location${at}`, properties.join(''), more),
      );
      const { api: common, locations } = agree(ground, candidates);
      for (const { location, api: own } of candidates) {
        if (locations.includes(location)) assert.deepEqual(sharedApi(common, own, false).errors, []);
      }
      if (ground.kind === 'enforced') return assert.equal(known(common), known(ground.api));
      const next = candidates.map((one) => ({ ...one, party: locations.includes(one.location) }));
      if (locations.length === 0) return;
      const again = agree({ kind: 'agreed', api: common, published: true, locations }, next);
      for (const location of locations) assert.ok(again.locations.includes(location), `${location} agreed before`);
    }),
    { numRuns: 1_000 },
  );
});
