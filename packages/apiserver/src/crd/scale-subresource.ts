import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newBadRequest, newInternalError } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readString } from '@kcp/apimachinery/schema/read';
import type { ProjectedSubresource } from '../registry/resource-type.js';
import { scaleProjection, valueAt } from '../registry/scale-projection.js';
import type { Strategy } from '../registry/strategy.js';
import type { VersionSchema } from './version-schema.js';

/** `autoscaling/v1` Scale over the paths that the definition names. `scale` is `subresources.scale` of the version. */
export function scaleSubresource(schema: VersionSchema, scale: JsonObject, main: Strategy): ProjectedSubresource {
  const selectorPath = namesIn(readString(scale, 'labelSelectorPath'));
  return scaleProjection({
    specReplicas: namesIn(readString(scale, 'specReplicasPath')),
    statusReplicas: namesIn(readString(scale, 'statusReplicasPath')),
    selector: (object) => {
      const selector = valueAt(object, selectorPath);
      return typeof selector === 'string' ? selector : '';
    },
    strategy: main,
    restore: (stored) => schema.restore(stored),
    store: (object) => schema.toStorage(object),
    check: (object) => refuseMissing(object, readString(scale, 'specReplicasPath')),
    whenEmpty: () => emptyReplicas(scale),
  });
}

function refuseMissing(object: KubeObject, specReplicasPath: string): void {
  if (valueAt(object, namesIn(specReplicasPath)) !== undefined) return;
  throw newInternalError(`the spec replicas field ${goQuote(specReplicasPath)} does not exist`);
}

function emptyReplicas(scale: JsonObject): Error {
  return newBadRequest(`the spec replicas field ${goQuote(readString(scale, 'specReplicasPath'))} cannot be empty`);
}

/** `.spec.replicas` to its names; a definition allows no other notation here. */
function namesIn(path: string): readonly string[] {
  return path === '' ? [] : path.replace(/^\./, '').split('.');
}
