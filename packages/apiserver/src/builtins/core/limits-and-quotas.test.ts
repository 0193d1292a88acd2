import { testUpstreamCases } from '../testing/upstream-cases.js';
import { LIMIT_RANGES } from './limit-ranges.js';
import { RESOURCE_QUOTAS } from './resource-quotas.js';

const recorded = new URL('../../../src/builtins/core/data/recorded.json', import.meta.url);

testUpstreamCases(recorded, { limitrange: LIMIT_RANGES, quota: RESOURCE_QUOTAS }, 'any');
