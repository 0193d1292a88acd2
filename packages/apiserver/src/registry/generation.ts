import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { Strategy } from './strategy.js';

/** Counts `metadata.generation` up when the counted part of the object differs from the old one. */
export function nextGeneration(strategy: Strategy, object: KubeObject, old: KubeObject): void {
  if (strategy.generation === 'none') return;
  const ignored = strategy.generation === 'spec' ? ['metadata', 'status'] : ['metadata'];
  if (deepEqual(without(object, ignored), without(old, ignored))) return;
  object.metadata.generation = Number(old.metadata.generation ?? 0) + 1;
}

function without(object: KubeObject, keys: readonly string[]): JsonObject {
  const rest: JsonObject = { ...object };
  for (const key of keys) delete rest[key];
  return rest;
}
