import { testUpstreamCases } from '../testing/upstream-cases.js';
import { CORE_EVENTS, EVENTS } from './events.js';

const recorded = new URL('../../../src/builtins/events/data/recorded.json', import.meta.url);

testUpstreamCases(recorded, { event: CORE_EVENTS, newevent: EVENTS });
