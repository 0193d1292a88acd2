import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IncrementalTest, IncrementalTestSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import { getConformanceSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import {
  functionFromProto,
  NeedsProtobuf,
  typeFromProto,
  valueFromProto,
  variableFromProto,
} from './conformance.fixture.js';
import { Environment } from './environment.js';
import { BINDINGS_LIBRARY } from './library/bindings.js';
import { MATH_LIBRARY } from './library/math.js';
import { OPTIONAL_LIBRARY } from './library/optional.js';
import { stringsLibrary } from './library/strings.js';
import { TWO_VARIABLES_LIBRARY } from './library/two-variables.js';
import type { Program } from './program.js';
import type { CelType } from './types/cel-type.js';
import { uncheckedProgram } from './unchecked.fixture.js';
import { CelError } from './values/cel-error.js';
import { equal } from './values/equal.js';
import { CelDouble } from './values/number.js';
import { typeOf } from './values/type-of.js';
import { CelList, CelMap, type CelValue } from './values/value.js';

/** Sections that are about protobuf messages, which expressions of Kubernetes cannot make or receive. */
const PROTOBUF_SECTIONS = ['dynamic', 'enums', 'proto2', 'proto2_ext', 'proto3', 'wrappers'];
/** Sections of libraries that Kubernetes does not have: `cel.block` is for optimizers, `base64` for others. */
const OTHER_SECTIONS = ['block_ext', 'encoders_ext', 'unknowns'];

/** Where cel-go as Kubernetes 1.36 has it (0.26) answers differently from the specification, and so do we. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  '{true:1,false:2,true:3}[true]': 'cel-go takes the last of equal keys',
  '{0: 1, 0u: 2}[0.0]': 'cel-go tells an int key and a uint key apart',
  "{'null_key': dyn(null)}.?null_key.invalid.hasValue()":
    'errors on bad presence tests are an option, off in Kubernetes',
  '{true: dyn(0)}[?true].absent.hasValue()': 'errors on bad presence tests are an option, off in Kubernetes',
  "'tacocat'.indexOf('a', 30) == -1": 'cel-go gives -1 for an offset behind the end',
  "'tacocat'.lastIndexOf('a', 30) == -1": 'cel-go gives -1 for an offset behind the end',
  'x.getMilliseconds()': 'cel-go gives all milliseconds of a duration, not those of its last second',
  '[optional.of(1), null][0]': 'cel-go joins an optional and null to null',
};

/** An expression that makes or names a protobuf message. */
const NAMES_MESSAGE = /TestAllTypes|google\.protobuf\.\w+\b|NestedEnum|GlobalEnum/;

const libraries = [
  OPTIONAL_LIBRARY,
  TWO_VARIABLES_LIBRARY,
  BINDINGS_LIBRARY,
  MATH_LIBRARY,
  stringsLibrary('current'),
  { escapedIdentifiers: true },
];

describe('the conformance suite of the CEL specification', () => {
  for (const section of getConformanceSuite().suites) {
    if (PROTOBUF_SECTIONS.includes(section.name) || OTHER_SECTIONS.includes(section.name)) continue;
    it(section.name, () => {
      const failures = testsOf(section).flatMap((test) => {
        const failure = outcome(test);
        return failure === undefined ? [] : [`${test.original.expr}: ${failure}`];
      });
      assert.deepEqual(failures, []);
    });
  }
});

function testsOf(suite: IncrementalTestSuite): IncrementalTest[] {
  return [...suite.tests, ...suite.suites.flatMap(testsOf)];
}

/** What is wrong with our answer; undefined when it is right. */
function outcome({ original }: IncrementalTest): string | undefined {
  if (NAMES_MESSAGE.test(original.expr) || Object.hasOwn(EXCEPTIONS, original.expr)) return undefined;
  try {
    const variables = Object.fromEntries(original.typeEnv.flatMap((decl) => variableFromProto(decl)));
    const { resultMatcher } = original;
    const bindings: Record<string, CelValue> = {};
    for (const [name, value] of Object.entries(original.bindings)) {
      if (value.kind.case === 'value') bindings[name] = valueFromProto(value.kind.value);
    }
    const program = programOf(original, variables, bindings);
    if (typeof program === 'string') return resultMatcher.case === 'evalError' ? undefined : program;
    if (resultMatcher.case === 'typedResult' && resultMatcher.value.deducedType !== undefined) {
      const wanted = String(typeFromProto(resultMatcher.value.deducedType));
      if (String(program.type) !== wanted) return `type ${program.type}, not ${wanted}`;
    }
    if (original.checkOnly) return undefined;
    const { value } = program.evaluate(bindings, Number.POSITIVE_INFINITY);
    if (resultMatcher.case === 'evalError') return value instanceof CelError ? undefined : 'no error';
    if (value instanceof CelError) return value.message;
    const wanted = wantedValue(original);
    return same(value, wanted) ? undefined : `${show(value)}, not ${show(wanted)}`;
  } catch (error) {
    if (error instanceof NeedsProtobuf) return undefined;
    throw error;
  }
}

/** The program, or why there is none. */
function programOf(
  original: IncrementalTest['original'],
  variables: Readonly<Record<string, CelType>>,
  bindings: Readonly<Record<string, CelValue>>,
): Program | string {
  const { container, expr } = original;
  if (original.disableCheck) {
    const names = new Set([...Object.keys(variables), ...Object.keys(bindings)]);
    return uncheckedProgram(expr, libraries, container, names) ?? 'it does not parse';
  }
  const functions = original.typeEnv.flatMap((decl) => functionFromProto(decl));
  const environment = new Environment({
    variables,
    libraries: [...libraries, { functions }],
    container,
    withoutMacros: original.disableMacros,
  });
  const compiled = environment.compile(expr);
  return compiled.ok ? compiled.program : compiled.message;
}

function wantedValue(original: IncrementalTest['original']): CelValue {
  const { resultMatcher } = original;
  if (resultMatcher.case === 'value') return valueFromProto(resultMatcher.value);
  if (resultMatcher.case === 'typedResult') return valueFromProto(resultMatcher.value.result);
  return true;
}

/** Equal and of the same type; here NaN equals NaN. */
function same(a: CelValue, b: CelValue): boolean {
  if (typeOf(a).name !== typeOf(b).name) return false;
  if (a instanceof CelDouble && b instanceof CelDouble) return Object.is(a.value, b.value) || a.value === b.value;
  if (a instanceof CelList && b instanceof CelList) {
    return a.size === b.size && a.toArray().every((item, i) => same(item, b.at(i)));
  }
  if (a instanceof CelMap && b instanceof CelMap) {
    return a.size === b.size && a.keys().every((key) => same(a.get(key) ?? null, b.get(key) ?? null));
  }
  return equal(a, b);
}

function show(value: CelValue): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
}
