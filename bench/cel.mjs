#!/usr/bin/env node
// How fast CEL compiles and evaluates: node bench/cel.mjs [seconds per row]
import { kubernetesEnvironment } from '../packages/apimachinery/dist/cel/kubernetes.js';
import { adapterOf } from '../packages/apimachinery/dist/cel/schema/adapter.js';
import { declaredType } from '../packages/apimachinery/dist/cel/schema/declared-type.js';
import { compileSchema } from '../packages/apimachinery/dist/schema/compile.js';

const SECONDS = Number(process.argv[2] ?? 1);
const schema = compileSchema({
  type: 'object',
  properties: {
    a: { type: 'integer' },
    b: { type: 'integer' },
    c: { type: 'integer' },
    name: { type: 'string', maxLength: 63 },
    items: { type: 'array', maxItems: 20, items: { type: 'integer' } },
    tags: { type: 'array', maxItems: 20, items: { type: 'string', maxLength: 20 } },
  },
});
const data = {
  a: 1,
  b: 2,
  c: 3,
  name: 'a-dns-1123-label',
  items: Array.from({ length: 20 }, (_, i) => i),
  tags: Array.from({ length: 20 }, (_, i) => `tag-${i}`),
};
const ROWS = [
  'self.a <= self.b && self.b <= self.c',
  'self.items.all(x, x >= 0)',
  'self.tags.exists(t, t == "tag-19")',
  'self.items.map(x, x * 2).filter(x, x > 10).size() == 14',
  'self.name.matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")',
  'self.name in ["x", "y", "a-dns-1123-label"]',
  'has(self.name) ? self.name.startsWith("a-") : true',
];

const self = declaredType(schema, 'self', false);
const environment = kubernetesEnvironment({ variables: { self, oldSelf: self } });
const adapt = adapterOf(schema, false);

/** Runs per second. */
function rate(run) {
  for (let i = 0; i < 2000; i++) run();
  const end = performance.now() + SECONDS * 1000;
  const start = performance.now();
  let count = 0;
  while (performance.now() < end) {
    for (let i = 0; i < 100; i++) run();
    count += 100;
  }
  return Math.round((count / (performance.now() - start)) * 1000);
}

console.log('| expression | evaluations/s | compilations/s | cost, estimated most |');
console.log('| --- | ---: | ---: | ---: |');
for (const text of ROWS) {
  const compiled = environment.compile(text);
  if (!compiled.ok) throw new Error(compiled.message);
  const { program } = compiled;
  const { value, cost } = program.evaluate({ self: adapt(data) });
  if (value !== true) throw new Error(`${text}: ${JSON.stringify(value)}`);
  const evaluations = rate(() => program.evaluate({ self: adapt(data) }));
  const compilations = rate(() => environment.compile(text));
  const columns = [`\`${text}\``, evaluations, compilations, `${cost}, ${program.estimate.max}`];
  console.log(`| ${columns.join(' | ')} |`);
}
