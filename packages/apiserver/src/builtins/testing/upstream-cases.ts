import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type FieldError, fieldErrorText } from '@kcp/apimachinery/errors/field-error';
import { deepClone, type JsonObject } from '@kcp/apimachinery/json/value';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { atOnce } from '@kcp/apimachinery/turns/work';
import { validateObjectMeta } from '@kcp/apimachinery/validation/object-meta';
import { encodeForStore } from '../../registry/encode-object.js';
import { nextGeneration } from '../../registry/generation.js';
import { parseStored } from '../../registry/parse-stored.js';
import type { ResourceType } from '../../registry/resource-type.js';
import type { Strategy, StrategyContext } from '../../registry/strategy.js';

/** What was sent to one endpoint, and what Kubernetes' own code made of it. */
interface UpstreamCase {
  readonly do: string;
  /** The endpoint's name; `name/subresource` for a subresource. */
  readonly endpoint: string;
  readonly sent: JsonObject;
  /** What is stored; absent for a creation. */
  readonly old?: JsonObject;
  /** Faults, `field: message` each; absent when it was accepted. */
  readonly errors?: readonly string[];
  /** What was accepted, with its defaults. */
  readonly becomes?: JsonObject;
  readonly warnings?: readonly string[];
}

/** The user and the time of the recordings. */
const CONTEXT: StrategyContext = {
  cluster: ROOT_CLUSTER,
  user: { name: 'ann', uid: '7', groups: ['system:masters', 'system:authenticated'], extra: { k: ['v'] } },
  now: Date.parse('2026-01-02T03:04:05Z'),
  warn: () => undefined,
};

/**
 * Runs the recorded cases in the file at `url` against the types of their endpoints, one test each. Where upstream goes
 * through maps, its faults stand in any order.
 */
export function testUpstreamCases(
  url: URL,
  types: Readonly<Record<string, ResourceType>>,
  order: 'exact' | 'any' = 'exact',
): void {
  const ordered = (texts: readonly string[]): readonly string[] => (order === 'exact' ? texts : [...texts].sort());
  const cases: UpstreamCase[] = JSON.parse(readFileSync(url, 'utf8'));
  for (const one of cases) {
    test(`${one.endpoint}: ${one.do}`, () => {
      const [name = '', subresource] = one.endpoint.split('/');
      const type = types[name];
      assert.ok(type, `no type for ${name}`);
      const stored = one.old === undefined ? undefined : decode(typeOf(one.old, types) ?? type, one.old);
      const answer = answerOf(type, strategyOf(type, subresource), decode(type, one.sent), stored);
      assert.deepEqual(ordered(answer.errors.map(fieldErrorText)), ordered(one.errors ?? []));
      if (one.becomes) assert.deepEqual(plain(type.codec.fromStorage(answer.object)), plain(one.becomes));
      assert.deepEqual(answer.warnings, one.warnings ?? []);
    });
  }
}

/** What is stored may have been written in another version. */
function typeOf(object: JsonObject, types: Readonly<Record<string, ResourceType>>): ResourceType | undefined {
  return Object.values(types).find(({ gvk }) => apiVersionOf(gvk) === object.apiVersion && gvk.kind === object.kind);
}

function strategyOf(type: ResourceType, subresource: string | undefined): Strategy {
  if (subresource === undefined) return type.strategy;
  const endpoint = type.subresources.get(subresource);
  assert.ok(endpoint?.form === 'update', `no subresource ${subresource}`);
  return endpoint.strategy;
}

interface Answer {
  readonly errors: readonly FieldError[];
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

function answerOf(type: ResourceType, strategy: Strategy, object: KubeObject, stored: KubeObject | undefined): Answer {
  if (stored === undefined) return creation(type, strategy, object);
  strategy.default?.(object);
  strategy.prepareForUpdate?.(object, stored, CONTEXT);
  nextGeneration(strategy, object, stored);
  const errors = [...(strategy.validateUpdate?.(object, stored, CONTEXT) ?? []), ...judged(strategy, object, stored)];
  return { errors, object, warnings: strategy.warnings?.(object, stored) ?? [] };
}

function creation(type: ResourceType, strategy: Strategy, object: KubeObject): Answer {
  strategy.default?.(object);
  strategy.prepareForCreate?.(object, CONTEXT);
  if (strategy.generation !== 'none') object.metadata.generation = 1;
  const rules = { namespaced: type.namespaced, nameValidator: strategy.validateName };
  const own = [...(strategy.validateCreate?.(object, CONTEXT) ?? []), ...judged(strategy, object, undefined)];
  const errors = [...validateObjectMeta(object.metadata, rules), ...own];
  return { errors, object, warnings: strategy.warnings?.(object, undefined) ?? [] };
}

function judged(strategy: Strategy, object: KubeObject, stored: KubeObject | undefined): readonly FieldError[] {
  const work = strategy.judge?.(object, stored, [], CONTEXT);
  return work === undefined ? [] : atOnce(work).errors;
}

/** As it would come back from the store, whose objects share nothing with each other. */
function decode(type: ResourceType, value: JsonObject): KubeObject {
  return type.codec.decode(deepClone(value)).object;
}

/** Without what is there only because Go writes it. */
function plain(object: JsonObject): JsonObject {
  const whole: KubeObject = { apiVersion: '', kind: '', metadata: {}, ...deepClone(object) };
  const { creationTimestamp, ...metadata } = whole.metadata;
  const kept = creationTimestamp === null || creationTimestamp === undefined ? metadata : whole.metadata;
  return parseStored(encodeForStore({ ...whole, metadata: kept }));
}
