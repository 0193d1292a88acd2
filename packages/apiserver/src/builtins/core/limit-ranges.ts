import { randomUUID } from 'node:crypto';
import { getOwn, type JsonObject, setOwn } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects } from '@kcp/apimachinery/schema/read';
import { builtinStrategy, sameOnUpdate } from '../builtin-strategy.js';
import { builtinType } from '../builtin-type.js';
import { roundAmounts } from './amounts.js';
import { coreV1 } from './core-group.js';
import { textEntries } from './data-entries.js';
import { LIMIT_MEMBERS, validateLimits } from './validate-limits.js';

export const LIMIT_RANGES = builtinType({
  gvk: coreV1('LimitRange'),
  plural: 'limitranges',
  shortNames: ['limits'],
  namespaced: true,
  defaults,
  strategy: builtinStrategy(
    {
      ...sameOnUpdate((range) => validateLimits(readObjects(readObject(range, 'spec') ?? {}, 'limits'))),
      createOnUpdate: true,
      nameNew: ({ metadata }) => {
        if (!metadata.name && !metadata.generateName) metadata.name = randomUUID();
      },
    },
    'core',
    'whole',
  ),
});

function defaults(range: KubeObject): void {
  for (const limit of readObjects(readObject(range, 'spec') ?? {}, 'limits')) {
    if (limit.type === 'Container') defaultContainer(limit);
    for (const member of LIMIT_MEMBERS) roundAmounts(limit, member);
  }
}

/** For containers: the maximum is the default limit, that (or the minimum) the default request. */
function defaultContainer(limit: JsonObject): void {
  fill(limit, 'default', 'max');
  fill(limit, 'defaultRequest', 'default');
  fill(limit, 'defaultRequest', 'min');
}

function fill(limit: JsonObject, target: string, source: string): void {
  const missing = textEntries(limit, source).filter(
    ([name]) => getOwn(readObject(limit, target) ?? {}, name) === undefined,
  );
  if (missing.length === 0) return;
  const filled = { ...readObject(limit, target) };
  for (const [name, amount] of missing) setOwn(filled, name, amount);
  limit[target] = filled;
}
