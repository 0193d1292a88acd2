import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  getCheckingSuite,
  getParsingSuite,
  type IncrementalTest,
  type IncrementalTestSuite,
} from '@bufbuild/cel-spec/testdata/tests.js';
import { declare } from './check/declarations.js';
import { debugText } from './debug-text.fixture.js';
import { Environment } from './environment.js';
import { BOOL, BYTES, DOUBLE, INT, NULL, STRING, UINT } from './types/cel-type.js';

/** The environment of cel-go's own tests of its checker, without optional values and backquoted names. */
const environment = new Environment({
  variables: { is: STRING, ii: INT, iu: UINT, iz: BOOL, ib: BYTES, id: DOUBLE, ix: NULL },
  libraries: [
    {
      functions: [
        declare('fg_s', ['fg_s_0', '-> string', () => null]),
        declare('fi_s_s', ['fi_s_s_0', '.string -> string', () => null]),
      ],
    },
  ],
});

/** Where our parser goes on after an error in another way. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  // Nothing is reported behind a closing bracket that fits nothing.
  // `existsOne` with one variable came after Kubernetes 1.36.
  '[].existsOne(__result__, __result__)':
    "ERROR: <input>:1:13: undeclared reference to 'existsOne' (in container '')\n" +
    ' | [].existsOne(__result__, __result__)\n | ............^\n' +
    "ERROR: <input>:1:14: undeclared reference to '__result__' (in container '')\n" +
    ' | [].existsOne(__result__, __result__)\n | .............^\n' +
    "ERROR: <input>:1:26: undeclared reference to '__result__' (in container '')\n" +
    ' | [].existsOne(__result__, __result__)\n | .........................^',
  'func{{a}}':
    "ERROR: <input>:1:6: Syntax error: extraneous input '{' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}\n" +
    " | func{{a}}\n | .....^\nERROR: <input>:1:8: Syntax error: mismatched input '}' expecting ':'\n" +
    ' | func{{a}}\n | .......^',
};

function testsOf(suite: IncrementalTestSuite): IncrementalTest[] {
  return [...suite.tests, ...suite.suites.flatMap(testsOf)];
}

/** Tests that need an environment which the suite does not describe: other variables, messages, limits. */
function needsMore({ original, error }: IncrementalTest): boolean {
  if (/TestAllTypes|google\.|\b32\b.*limit|noop_macro/.test(original.expr + error)) return true;
  return /limit exceeded|max recursion depth|more errors were truncated/.test(error ?? '');
}

describe("cel-go's own tests of its parser", () => {
  it('gives the same errors', () => {
    for (const test of testsOf(getParsingSuite())) {
      if (test.error === undefined || needsMore(test)) continue;
      const compiled = environment.compile(test.original.expr);
      const wanted = test.error.replace(/^ERROR: :/gm, 'ERROR: <input>:');
      const known = EXCEPTIONS[test.original.expr];
      assert.equal(compiled.ok ? 'no error' : compiled.message, known ?? wanted, test.original.expr);
    }
  });

  it('builds the same trees, macros expanded', () => {
    for (const test of testsOf(getParsingSuite())) {
      if (test.ast === undefined || needsMore(test)) continue;
      const compiled = environment.compile(test.original.expr);
      if (!compiled.ok) continue;
      const wanted = test.ast.replace(/\^#[^#]*#/g, '');
      assert.equal(debugText(compiled.program.checked.expr), wanted);
    }
  });
});

describe("cel-go's own tests of its checker", () => {
  it('finds the same types', () => {
    for (const test of testsOf(getCheckingSuite())) {
      if (test.type === undefined || needsMore(test)) continue;
      const compiled = environment.compile(test.original.expr);
      if (!compiled.ok && compiled.message.includes('undeclared reference')) continue;
      assert.equal(compiled.ok ? String(compiled.program.type) : compiled.message, test.type, test.original.expr);
    }
  });
});
