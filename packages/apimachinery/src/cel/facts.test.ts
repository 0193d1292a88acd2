import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { JsonObject } from '../json/value.js';
import { compileSchema } from '../schema/compile.js';
import type { Environment } from './environment.js';
import { kubernetesEnvironment } from './kubernetes.js';
import { adaptAny, adapterOf } from './schema/adapter.js';
import { declaredType, maxCardinality } from './schema/declared-type.js';
import { typeNamed } from './types/signature.js';
import { CelError } from './values/cel-error.js';
import { CelDouble } from './values/number.js';
import { showValue } from './values/show.js';

/** What Kubernetes 1.36's CEL environment said of an expression. Scalars are shown as Go prints them. */
interface ExpressionFact {
  readonly expr: string;
  readonly issues?: string;
  readonly type?: string;
  readonly estimate?: readonly [min: number, max: number];
  readonly value?: string;
  readonly error?: string;
  readonly cost?: number;
}

/** What Kubernetes 1.36 said of a validation rule: refused at creation, or its costs and its failure. */
interface RuleFact {
  readonly rule: string;
  readonly root?: boolean;
  readonly refused?: string;
  readonly maxCost?: number;
  readonly cost?: number;
  readonly fails?: string;
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../src/cel/data/${name}.json`, import.meta.url), 'utf8'));
}

const expressions = read<{ variables: Record<string, string>; data: JsonObject; cases: ExpressionFact[] }>(
  'expressions',
);
const rules = read<{
  schema: JsonObject;
  object: JsonObject;
  old: JsonObject;
  resource: JsonObject;
  maxCardinality: number;
  cases: RuleFact[];
}>('rules');

/** Costs beyond 2^53 are doubles here and integers upstream. */
function close(given: number, wanted: number): boolean {
  return given === wanted || Math.abs(given - wanted) <= 1e-9 * wanted;
}

const environment = kubernetesEnvironment({
  variables: Object.fromEntries(Object.entries(expressions.variables).map(([name, type]) => [name, typeNamed(type)])),
});
const bindings = Object.fromEntries(
  Object.entries(expressions.data).map(([name, value]) => [
    name,
    expressions.variables[name] === 'double' ? new CelDouble(Number(value)) : adaptAny(value ?? null),
  ]),
);

function expressionFact(fact: ExpressionFact): ExpressionFact {
  const compiled = environment.compile(fact.expr);
  if (!compiled.ok && compiled.stage === 'compilation') return { expr: fact.expr, issues: compiled.message };
  if (!compiled.ok) return { ...fact, error: `program: ${compiled.message}` };
  const { program } = compiled;
  const { value, cost } = program.evaluate(bindings);
  const { min, max } = program.estimate;
  const wanted = fact.estimate ?? [Number.NaN, Number.NaN];
  const estimate = close(min, wanted[0]) && close(max, wanted[1]) ? wanted : ([min, max] as const);
  const known = { expr: fact.expr, type: String(program.type), estimate };
  if (value instanceof CelError) return { ...known, error: value.message, cost };
  return fact.value === undefined ? { ...known, cost } : { ...known, value: showValue(value), cost };
}

describe('expressions in the environment of Kubernetes', () => {
  it('have the same errors, types, costs and values', () => {
    for (const fact of expressions.cases) assert.deepEqual(expressionFact(fact), fact);
  });
});

const schema = compileSchema(rules.schema);

function ruleEnvironment(root: boolean): Environment {
  const self = declaredType(schema, 'selfType', root);
  assert.ok(self !== undefined);
  assert.equal(maxCardinality(self.minSize), rules.maxCardinality);
  return kubernetesEnvironment({ variables: { self, oldSelf: self } });
}

const environments = { plain: ruleEnvironment(false), root: ruleEnvironment(true) };

function ruleFact({ rule, root = false }: RuleFact): RuleFact {
  const known: RuleFact = root ? { rule, root } : { rule };
  const compiled = (root ? environments.root : environments.plain).compile(rule);
  if (!compiled.ok) return { ...known, refused: `compilation failed: ${compiled.message}` };
  const { program } = compiled;
  if (String(program.type) !== 'bool') return { ...known, refused: 'cel expression must evaluate to a bool' };
  const adapt = adapterOf(schema, root);
  const resource = root ? rules.resource : {};
  const self = adapt({ ...rules.object, ...resource });
  const oldSelf = adapt({ ...rules.object, ...rules.old, ...resource });
  const { value, cost } = program.evaluate({ self, oldSelf });
  const outcome = { ...known, maxCost: program.estimate.max, cost };
  if (value === true) return outcome;
  return { ...outcome, fails: value instanceof CelError ? value.message : 'failed rule' };
}

describe('validation rules on a structural schema', () => {
  it('are refused or pass, and cost the same', () => {
    for (const fact of rules.cases) {
      const given = ruleFact(fact);
      const [failure, wanted] = [given.fails, fact.fails];
      if (failure !== undefined) assert.ok(wanted?.includes(failure), `${fact.rule}: ${failure}, not ${wanted}`);
      const refused = given.refused?.replaceAll(/selfType\d*/g, 'selfType');
      assert.equal(refused, fact.refused?.replaceAll(/selfType\d*/g, 'selfType'));
      assert.equal(failure === undefined, wanted === undefined, fact.rule);
      assert.ok(
        close(given.maxCost ?? 0, fact.maxCost ?? 0),
        `${fact.rule} may cost ${given.maxCost}, not ${fact.maxCost}`,
      );
      assert.equal(given.cost, fact.cost, fact.rule);
    }
  });
});
