#!/usr/bin/env node
// How long the longest turn of the event loop is while big definitions are made, changed and used: node bench/stalls.mjs.
// In one process without a socket, so that only the server's own turns count. Needs `npm run build`.
import { performance } from 'node:perf_hooks';
import { startKcp } from 'kcp';
import { CRDS, definition, turnsOf } from '../conformance/large-work.mjs';

const kcp = await startKcp({ storage: 'memory' });
const team = kcp.cluster('team-a');
const only = process.argv[2];

const properties = (count, of = { type: 'string' }) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, of]));
const rules = (count) => Array.from({ length: count }, (_, i) => ({ rule: `self.a != "v${i}" && self.b <= ${i}` }));
const ab = { a: { type: 'string', maxLength: 10 }, b: { type: 'integer' } };
const CASES = {
  'a small one': definition({ type: 'object', properties: ab }),
  '1,000 rules': definition({ type: 'object', properties: ab, 'x-kubernetes-validations': rules(1_000) }),
  '10,000 rules': definition({ type: 'object', properties: ab, 'x-kubernetes-validations': rules(10_000) }),
  '10,000 rules, one each': definition({
    type: 'object',
    properties: Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [
        `p${i}`,
        { type: 'string', maxLength: 9, 'x-kubernetes-validations': [{ rule: `self != "v${i}"` }] },
      ]),
    ),
  }),
  '40,000 properties': definition({ type: 'object', properties: properties(40_000) }),
  '200 × 200 properties': definition({
    type: 'object',
    properties: properties(200, { type: 'object', properties: properties(200) }),
  }),
};

/** The longest turn while something is done and what it brings about, and how long it takes. */
async function watched(work) {
  let took = 0;
  const { longest } = await turnsOf(async () => {
    const started = performance.now();
    await work();
    took = performance.now() - started;
  });
  return { 'longest turn ms': Math.round(longest), 'all ms': Math.round(took) };
}

async function usable({ spec }) {
  const object = {
    apiVersion: `${spec.group}/v1`,
    kind: 'X',
    metadata: { generateName: 'x-', namespace: 'default' },
    spec: {},
  };
  for (;;) {
    try {
      return await team.create({ group: spec.group, version: 'v1', resource: 'xs' }, object);
    } catch (error) {
      if (error?.status?.code !== 404) return error;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

await team.create(CRDS, definition({ type: 'object' }));
const rows = [];
for (const [what, made] of Object.entries(CASES)) {
  if (only && !what.includes(only)) continue;
  const { name } = made.metadata;
  const dry = await watched(() => team.create(CRDS, made, { dryRun: true }).catch((error) => error.message));
  const create = await watched(() => team.create(CRDS, made));
  const use = await watched(() => usable(made));
  const settle = await watched(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
  const label = await watched(() =>
    team.patch(CRDS, { name }, { type: 'merge', value: { metadata: { labels: { a: 'b' } } } }),
  );
  const applied = { ...made, metadata: { ...made.metadata, labels: { c: 'd' } } };
  const apply = await watched(() => team.apply(CRDS, applied, { fieldManager: 'bench', force: true }));
  const after = await watched(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
  for (const [step, figures] of Object.entries({ dry, create, use, settle, label, apply, after })) {
    rows.push({ definition: what, bytes: JSON.stringify(made).length, step, ...figures });
  }
}
console.table(rows);
await kcp.stop();
