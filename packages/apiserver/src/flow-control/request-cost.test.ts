import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceAttributes } from '../authz/authorizer.js';
import { BODY_BYTES_PER_SEAT, OBJECTS_PER_SEAT, REQUEST_BODY_BYTES_MAX, SEATS_MAX } from '../limits.js';
import { parseRequest } from '../request/request-info.js';
import { requestSeats } from './request-cost.js';

const MAPS = '/api/v1/namespaces/default/configmaps';

/** What a request costs in a cluster with so many ConfigMaps. */
function seats(method: string, target: string, { objects = 0, length = '' } = {}): number {
  const parsed = parseRequest(method, target, undefined);
  assert.ok(parsed.ok && parsed.info.target);
  const registry = {
    cache: { loaded: () => ({ count: () => objects }) },
    catalog: { lookup: () => ({ storage: {} }) },
  };
  const user = { name: 'dana', uid: '', groups: [], extra: {} };
  const attributes: ResourceAttributes = {
    kind: 'resource',
    user,
    scope: parsed.info.scope,
    ...parsed.info.target,
  };
  return requestSeats(registry as never, parsed.info, attributes, length === '' ? undefined : length);
}

test('a list takes a seat for every hundred objects that it walks over', () => {
  assert.equal(seats('GET', MAPS, { objects: 5 }), 1);
  assert.equal(seats('GET', MAPS, { objects: 3 * OBJECTS_PER_SEAT }), 3);
  assert.equal(seats('GET', `${MAPS}?limit=10`, { objects: 3 * OBJECTS_PER_SEAT }), 1);
  assert.equal(seats('GET', MAPS, { objects: 1_000_000 }), SEATS_MAX);
});

test('a large body takes more seats, so that few of them are in memory at a time', () => {
  assert.equal(seats('POST', MAPS), 1);
  assert.equal(seats('POST', MAPS, { length: '1000' }), 1);
  assert.equal(seats('PUT', `${MAPS}/a`, { length: String(BODY_BYTES_PER_SEAT + 1) }), 2);
  assert.equal(seats('POST', MAPS, { length: String(REQUEST_BODY_BYTES_MAX) }), SEATS_MAX);
  assert.equal(seats('POST', MAPS, { length: 'much' }), 1);
  assert.equal(seats('GET', `${MAPS}/a`), 1);
});
