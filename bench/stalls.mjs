#!/usr/bin/env node
// How long the longest turn of the event loop is while big definitions are made, changed and used: node bench/stalls.mjs.
// In one process without a socket, so that only the server's own turns count. Needs `npm run build`.
import { performance } from 'node:perf_hooks';
import { startKcp } from 'kcp';

const CRDS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const kcp = await startKcp({ storage: 'memory' });
const team = kcp.cluster('team-a');
const only = process.argv[2];
let groups = 0;

function definition(spec) {
  const group = `g${groups++}.dev`;
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `xs.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'xs', singular: 'x', kind: 'X', listKind: 'XList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

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

/** The longest turn while something is done, and how long that takes. */
async function watched(work) {
  let longest = 0;
  let last = performance.now();
  let over = false;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!over) setImmediate(tick);
  };
  setImmediate(tick);
  await new Promise((resolve) => setImmediate(resolve));
  const started = performance.now();
  await work();
  const took = performance.now() - started;
  over = true;
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
