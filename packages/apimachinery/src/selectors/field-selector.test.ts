import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FieldSelector, parseFieldSelector } from './field-selector.js';
import { SelectorError } from './selector-error.js';

test('terms are all required', () => {
  const selector = parseFieldSelector('metadata.name=a,status.phase!=Failed');
  assert.equal(selector.matches({ 'metadata.name': 'a', 'status.phase': 'Ready' }), true);
  assert.equal(selector.matches({ 'metadata.name': 'a', 'status.phase': 'Failed' }), false);
  assert.equal(selector.matches({ 'metadata.name': 'b' }), false);
  assert.equal(selector.requiresExactMatch('metadata.name'), 'a');
  assert.equal(selector.requiresExactMatch('status.phase'), undefined);
});

test('values are escaped', () => {
  const [term] = parseFieldSelector(String.raw`x==a\=b\,c\\d`).requirements;
  assert.deepEqual(term, { field: 'x', operator: '=', value: String.raw`a=b,c\d` });
});

test('what cannot be understood is refused in the words of upstream', () => {
  assert.throws(() => parseFieldSelector('abc'), { message: "invalid selector: 'abc'; can't understand 'abc'" });
  assert.throws(() => parseFieldSelector('a=b=c'), {
    message: 'invalid field selector: unescaped character in value: 61',
  });
  assert.throws(() => parseFieldSelector(String.raw`a=\b`), {
    message: String.raw`invalid field selector: invalid escape sequence: \b`,
  });
});

test('the canonical text gives every value back', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const selector = new FieldSelector([{ field: 'f', operator: '=', value }]);
      assert.equal(parseFieldSelector(selector.toString()).requiresExactMatch('f'), value);
    }),
  );
});

test('any text either parses or is refused', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseFieldSelector(text);
      } catch (error) {
        assert.ok(error instanceof SelectorError);
      }
    }),
  );
});
