import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseLabelSelector } from './label-selector.js';
import { selectorOfObject, validateLabelSelector } from './label-selector-object.js';
import { SELECTOR_MAX_LENGTH, SelectorError } from './selector-error.js';

const ALPHA = { env: 'prod', rank: '10', tier: 'front' };
const BRAVO = { env: 'prod', rank: '2', tier: 'back' };
const CHARLIE = { env: 'dev', rank: '3', tier: 'back' };
const DELTA = { special: '', tier: 'front' };
const ALL = { ALPHA, BRAVO, CHARLIE, DELTA };

const selected = (text: string): string[] => {
  const selector = parseLabelSelector(text);
  return Object.entries(ALL)
    .filter(([, labels]) => selector.matches(labels))
    .map(([name]) => name);
};

// what a real server answered for the same objects
for (const [text, names] of [
  ['tier=front', ['ALPHA', 'DELTA']],
  ['tier==front', ['ALPHA', 'DELTA']],
  ['tier!=front', ['BRAVO', 'CHARLIE']],
  ['env in (prod, dev)', ['ALPHA', 'BRAVO', 'CHARLIE']],
  ['env notin (prod)', ['CHARLIE', 'DELTA']],
  ['env', ['ALPHA', 'BRAVO', 'CHARLIE']],
  ['!env', ['DELTA']],
  ['rank>1,rank<10', ['BRAVO', 'CHARLIE']],
  ['special=', ['DELTA']],
  ['special in (,x)', ['DELTA']],
  ['', ['ALPHA', 'BRAVO', 'CHARLIE', 'DELTA']],
] as const) {
  test(`the selector "${text}" selects ${names.join(', ')}`, () => assert.deepEqual(selected(text), names));
}

// cases of upstream's own parser tests
for (const [text, message] of [
  ['env in prod', "unable to parse requirement: found 'prod' expected: '('"],
  [
    'tier=-bad-',
    `unable to parse requirement: values[0][tier]: Invalid value: "-bad-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
  ],
  ['x=a||y=b', undefined],
  ['x==a==b', undefined],
  ['!x=a', "found '=', expected: ',' or 'end of string'"],
  [
    'x<a',
    `unable to parse requirement: values[0]: Invalid value: "a": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
  ['x,', "found '', expected: identifier after ','"],
  [',x', "found ',', expected: !, identifier, or 'end of string'"],
  ['x in (a', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['x y', "unable to parse requirement: found 'y', expected: in, notin, =, ==, !=, gt, lt"],
] as const) {
  test(`the selector "${text}" is refused`, () => {
    assert.throws(
      () => parseLabelSelector(text),
      (error) => {
        assert.ok(error instanceof SelectorError);
        if (message !== undefined) assert.equal(error.message, message);
        return true;
      },
    );
  });
}

test('a selector has one canonical text', () => {
  assert.equal(parseLabelSelector(' z in (b,a,b) , !y,x==1 ').toString(), 'x==1,!y,z in (a,b)');
  assert.equal(parseLabelSelector('in in (in),notin notin (notin)').toString(), 'in in (in),notin notin (notin)');
});

test('the canonical text parses to the same selector', () => {
  const key = fc.constantFrom('a', 'b', 'example.com/c');
  const value = fc.constantFrom('', '1', 'x', 'Y-z');
  const term = fc.oneof(
    fc.tuple(key, fc.constantFrom('=', '==', '!='), value).map((parts) => parts.join('')),
    fc
      .tuple(key, fc.constantFrom('in', 'notin'), fc.array(value, { minLength: 1 }))
      .map(([k, o, v]) => `${k} ${o} (${v})`),
    fc.tuple(fc.constantFrom('', '!'), key).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(fc.array(term), (terms) => {
      const text = parseLabelSelector(terms.join(',')).toString();
      assert.equal(parseLabelSelector(text).toString(), text);
    }),
  );
});

test('no text makes the parser hang or fail in another way', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseLabelSelector(text).matches({});
      } catch (error) {
        assert.ok(error instanceof SelectorError);
      }
    }),
  );
  assert.throws(() => parseLabelSelector('a'.repeat(SELECTOR_MAX_LENGTH + 1)), SelectorError);
});

test('labels named like members of every object are absent unless given', () => {
  assert.equal(parseLabelSelector('constructor').matches({}), false);
  assert.equal(parseLabelSelector('!toString').matches(undefined), true);
});

test('an exact match is known, so that an index can be used', () => {
  assert.equal(parseLabelSelector('a in (x),b=y').requiresExactMatch('a'), 'x');
  assert.equal(parseLabelSelector('a in (x,y)').requiresExactMatch('a'), undefined);
});

test('selector objects mean the same as texts', () => {
  const selector = selectorOfObject({
    matchLabels: { tier: 'back' },
    matchExpressions: [
      { key: 'env', operator: 'In', values: ['prod'] },
      { key: 'special', operator: 'DoesNotExist' },
    ],
  });
  assert.equal(selector.toString(), 'env in (prod),!special,tier=back');
  assert.equal(selectorOfObject({}).empty, true);
  assert.throws(() => selectorOfObject({ matchExpressions: [{ key: 'a', operator: 'Like' }] }), {
    message: '"Like" is not a valid label selector operator',
  });
});

test('selector objects are validated field by field', () => {
  const errors = validateLabelSelector(
    {
      matchExpressions: [
        { key: 'a', operator: 'In' },
        { key: 'b', operator: 'Exists', values: ['x'] },
        { key: 'c', operator: 'Gt' },
      ],
    },
    'selector',
  );
  assert.deepEqual(
    errors.map(({ field, message }) => `${field}: ${message}`),
    [
      "selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      "selector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      'selector.matchExpressions[2].operator: Invalid value: "Gt": not a valid selector operator',
    ],
  );
});
