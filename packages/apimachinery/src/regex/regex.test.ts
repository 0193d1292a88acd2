import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { Expression } from './expression.js';
import { patternSize } from './pattern-size.js';

test('the size of an expression is that of what it compiles to, or somewhat more', () => {
  const atom = fc.constantFrom('a', '.', '[a-z]', '[^]x]', '[[:alpha:]\\]]', '\\d', '\\pL', '\\p{Greek}', '\\{', 'x{2');
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a}${b}`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(?:${a}|${b})`),
      fc
        .tuple(tie('expression'), fc.constantFrom('*', '+?', '{3}', '{0}', '{2,}', '{0,7}'))
        .map(([a, b]) => `(${a})${b}`),
    ),
  }));
  fc.assert(
    fc.property(expression, (source) => {
      const size = RE2JS.compile(source).programSize();
      const guess = patternSize(source);
      assert.ok(guess * 3 + 10 >= size, `${source}: ${guess} for ${size}`);
    }),
  );
});

test('a short expression that compiles to millions of instructions is refused before it is compiled', () => {
  for (const source of ['(?:[a-z]{900}|b)'.repeat(500), '((a{1000}){1000}){1000}']) {
    assert.equal(Expression.compile(source), 'error parsing regexp: expression too large');
  }
  assert.equal(Expression.compile('('), 'error parsing regexp: missing closing ): `(`');
});

test('a text that would hold everybody up is not looked at', () => {
  const slow = Expression.compile('(?:a?){1000}b');
  assert.ok(slow instanceof Expression);
  assert.equal(slow.test('a'.repeat(1_000)), false);
  assert.equal(slow.test('a'.repeat(1_000_000)), undefined);
  assert.equal(slow.find('a'.repeat(1_000_000), 1), undefined);
  const again = Expression.compile('a*b|a');
  assert.ok(again instanceof Expression);
  assert.equal(again.find('a'.repeat(100_000), Number.POSITIVE_INFINITY), undefined);
  assert.deepEqual(again.find('aab a', 9), ['aab', 'a']);
});
