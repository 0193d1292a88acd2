import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deepEqual, type JsonObject, type JsonValue } from '../json/value.js';
import { commonSchema } from './compatible-schema.js';

type Expected =
  /** The existing schema stays. */
  | 'same'
  /** The new schema is the common one. */
  | 'next'
  /** Refused, with errors at just these paths below the kind. */
  | { readonly at: readonly string[] }
  /** Another common schema. */
  | { readonly lcd: JsonObject };
/** What, the existing schema, the new one, what comes of it, and what when narrowing (the same if left out). */
type Case = readonly [what: string, existing: JsonObject, next: JsonObject, strict: Expected, narrow?: Expected];

const at = (...paths: string[]): Expected => ({ at: paths });
const lcd = (schema: JsonObject): Expected => ({ lcd: schema });
const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });
const str = (more: JsonObject = {}): JsonObject => ({ type: 'string', ...more });
const int = (more: JsonObject = {}): JsonObject => ({ type: 'integer', ...more });
const num = (more: JsonObject = {}): JsonObject => ({ type: 'number', ...more });
const bool = (more: JsonObject = {}): JsonObject => ({ type: 'boolean', ...more });
const list = (items: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'array', items, ...more });
const map = (values: JsonValue, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  additionalProperties: values,
  ...more,
});
const FREE = { 'x-kubernetes-preserve-unknown-fields': true };
const INT_OR_STRING = { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] };
const RULES = 'x-kubernetes-validations';

const TYPES: readonly JsonObject[] = [str(), int(), num(), bool(), object({}), list(str())];
const typeOf = (schema: JsonObject) => String(schema.type);

/** Every type against every other: only numbers get along. */
const typeCases: Case[] = TYPES.flatMap((existing) =>
  TYPES.filter((next) => next !== existing).map((next): Case => {
    const name = `${typeOf(existing)} and ${typeOf(next)}`;
    if (typeOf(existing) === 'integer' && typeOf(next) === 'number') return [name, existing, next, 'same'];
    if (typeOf(existing) === 'number' && typeOf(next) === 'integer') return [name, existing, next, at('type'), 'next'];
    return [name, existing, next, at('type')];
  }),
);

/** A bound in all five situations. */
function boundCases(keyword: string, base: JsonObject, tight: number, loose: number): Case[] {
  const withBound = (value: number): JsonObject => ({ ...base, [keyword]: value });
  return [
    [`${keyword} stays`, withBound(tight), withBound(tight), 'same'],
    [`${keyword} is loosened`, withBound(tight), withBound(loose), 'same'],
    [`${keyword} is gone`, withBound(tight), base, 'same'],
    [`${keyword} is tightened`, withBound(loose), withBound(tight), at(keyword), 'next'],
    [`${keyword} is new`, base, withBound(tight), at(keyword), 'next'],
  ];
}

const CASES: readonly Case[] = [
  ...typeCases,
  ...boundCases('maxLength', str(), 3, 5),
  ...boundCases('minLength', str(), 5, 3),
  ...boundCases('maxItems', list(str()), 3, 5),
  ...boundCases('minItems', list(str()), 5, 3),
  ...boundCases('maxProperties', map(str()), 3, 5),
  ...boundCases('minProperties', map(str()), 5, 3),
  ...boundCases('maximum', int(), 3, 5),
  ...boundCases('minimum', num(), 5, 3),

  ['an exclusive maximum stays', int({ maximum: 3, exclusiveMaximum: true }), int({ maximum: 3 }), 'same'],
  [
    'a maximum becomes exclusive',
    int({ maximum: 3 }),
    int({ maximum: 3, exclusiveMaximum: true }),
    at('maximum'),
    'next',
  ],
  [
    'a minimum becomes exclusive',
    num({ minimum: 3 }),
    num({ minimum: 3, exclusiveMinimum: true }),
    at('minimum'),
    'next',
  ],
  ['a tighter maximum need not be exclusive', int({ maximum: 2 }), int({ maximum: 3, exclusiveMaximum: true }), 'same'],
  ['the same divisor', num({ multipleOf: 2 }), num({ multipleOf: 2 }), 'same'],
  ['no divisor any more', num({ multipleOf: 2 }), num(), 'same'],
  ['a new divisor', num(), num({ multipleOf: 2 }), at('multipleOf'), 'next'],
  ['another divisor', num({ multipleOf: 3 }), num({ multipleOf: 2 }), at('multipleOf')],

  ['the same pattern', str({ pattern: 'a' }), str({ pattern: 'a' }), 'same'],
  ['no pattern any more', str({ pattern: 'a' }), str(), 'same'],
  ['a new pattern', str(), str({ pattern: 'a' }), at('pattern'), 'next'],
  ['another pattern', str({ pattern: 'a' }), str({ pattern: 'b' }), at('pattern')],
  ['the same format', str({ format: 'date' }), str({ format: 'date' }), 'same'],
  ['another format', str({ format: 'date' }), str({ format: 'date-time' }), at('format')],
  ['a new format', str(), str({ format: 'date' }), at('format')],
  ['no format any more', int({ format: 'int32' }), int(), at('format')],

  ['the same values', str({ enum: ['a', 'b'] }), str({ enum: ['b', 'a'] }), 'same'],
  ['more values', str({ enum: ['a'] }), str({ enum: ['a', 'b'] }), 'same'],
  ['fewer values', str({ enum: ['a', 'b'] }), str({ enum: ['b', 'c'] }), at('enum'), lcd(str({ enum: ['b'] }))],
  ['no value in common', str({ enum: ['a'] }), str({ enum: ['b'] }), at('enum')],
  ['values are limited now', str(), str({ enum: ['a'] }), at('enum'), 'next'],
  ['values are free now', str({ enum: ['a'] }), str(), 'same'],
  ['fewer numbers', int({ enum: [1, 2] }), int({ enum: [2] }), at('enum'), 'next'],
  ['booleans are limited now', bool(), bool({ enum: [true] }), at('enum'), 'next'],

  ['still nullable', str({ nullable: true }), str({ nullable: true }), 'same'],
  ['nullable now', str(), str({ nullable: true }), 'same'],
  ['no longer nullable', str({ nullable: true }), str(), at('nullable'), 'next'],
  [
    'objects are no longer nullable',
    object({ a: str() }, { nullable: true }),
    object({ a: str() }),
    at('nullable'),
    'next',
  ],

  ['the same default', str({ default: 'a' }), str({ default: 'a' }), 'same'],
  ['another default', str({ default: 'a' }), str({ default: 'b' }), at('default'), lcd(str())],
  ['a default is new', str(), str({ default: 'b' }), 'same'],
  ['a default is gone', str({ default: 'a' }), str(), 'same'],
  [
    'a default that became too long',
    str({ default: 'abc' }),
    str({ maxLength: 2 }),
    at('maxLength'),
    lcd(str({ maxLength: 2 })),
  ],
  [
    'a default with a property that is gone',
    object({ a: str(), b: str() }, { default: { b: 'x' } }),
    object({ a: str() }),
    at('properties'),
    'next',
  ],

  ['a property is new', object({ a: str() }), object({ a: str(), b: str() }), 'same'],
  ['a property is gone', object({ a: str(), b: str() }), object({ a: str() }), at('properties'), 'next'],
  ['all properties are others', object({ a: str() }), object({ b: str() }), at('properties'), lcd(object({}))],
  [
    'a property of a property is gone',
    object({ a: object({ b: str() }) }),
    object({ a: object({}) }),
    at('properties[a].properties'),
    'next',
  ],
  ['a property has another type', object({ a: str() }), object({ a: int() }), at('properties[a].type')],
  [
    'two properties have other types',
    object({ a: str(), b: str() }),
    object({ a: int(), b: int() }),
    at('properties[a].type', 'properties[b].type'),
  ],
  ['no properties any more', object({ a: str() }), { type: 'object' }, at('properties')],
  ['properties against free names that fit', object({ a: str() }), map(str()), 'same'],
  ['properties against free names that do not', object({ a: str() }), map(int()), at('properties[a].type')],
  [
    'properties against narrower free names',
    object({ a: str() }),
    map(str({ maxLength: 2 })),
    at('properties[a].maxLength'),
    lcd(object({ a: str({ maxLength: 2 }) })),
  ],
  ['properties against anything', object({ a: str() }), map(true), 'same'],
  ['properties against kept unknown fields', object({ a: str() }), { type: 'object', ...FREE }, 'same'],
  [
    'a property is gone, but unknown fields are kept',
    object({ a: str(), b: str() }),
    object({ a: str() }, FREE),
    'same',
  ],
  ['free names stay', map(str()), map(str()), 'same'],
  ['free names of another type', map(str()), map(int()), at('additionalProperties.type')],
  [
    'free names of a narrower type',
    map(str()),
    map(str({ maxLength: 2 })),
    at('additionalProperties.maxLength'),
    'next',
  ],
  ['free names against anything', map(str()), map(true), 'same'],
  ['free names against properties', map(str()), object({ a: str() }), at('additionalProperties')],
  ['anything against anything', map(true), map(true), 'same'],
  ['anything against free names', map(true), map(str()), at('additionalProperties'), 'next'],
  ['anything against properties', map(true), object({ a: str() }), at('additionalProperties'), 'next'],
  ['anything against nothing', map(true), { type: 'object' }, at('additionalProperties'), 'next'],
  ['an empty object against properties', { type: 'object' }, object({ a: str() }), 'same'],
  ['an empty object against free names', { type: 'object' }, map(str()), 'same'],

  [
    'the same is required',
    object({ a: str() }, { required: ['a'] }),
    object({ a: str() }, { required: ['a'] }),
    'same',
  ],
  ['less is required', object({ a: str() }, { required: ['a'] }), object({ a: str() }), 'same'],
  ['more is required', object({ a: str() }), object({ a: str() }, { required: ['a'] }), at('required'), 'next'],
  ['required of an empty object', { type: 'object' }, object({ a: str() }, { required: ['a'] }), at('required')],
  ['required, but filled in', object({ a: str() }), object({ a: str({ default: 'x' }) }, { required: ['a'] }), 'same'],
  [
    'a new property is required',
    object({ a: str() }),
    object({ a: str(), b: str() }, { required: ['b'] }),
    at('required'),
  ],
  [
    'a property is gone that was required',
    object({ a: str(), b: str() }, { required: ['b'] }),
    object({ a: str() }),
    at('properties'),
    at('required'),
  ],
  [
    'a free name is required now',
    map(str()),
    map(str(), { required: ['a'] }),
    at('required'),
    lcd(map(str(), { required: ['a'] })),
  ],

  ['items stay', list(str()), list(str()), 'same'],
  ['items of another type', list(str()), list(int()), at('items.type')],
  ['items of a narrower type', list(num()), list(int()), at('items.type'), 'next'],
  [
    'a property of items is gone',
    list(object({ a: str(), b: str() })),
    list(object({ a: str() })),
    at('items.properties'),
    'next',
  ],
  ['items are unique now', list(str()), list(str(), { uniqueItems: true }), at('uniqueItems'), 'next'],
  ['items need not be unique any more', list(str(), { uniqueItems: true }), list(str()), 'same'],
  ['a list is a set now', list(str()), list(str(), { 'x-kubernetes-list-type': 'set' }), at('x-kubernetes-list-type')],
  ['atomic, said and unsaid', list(str()), list(str(), { 'x-kubernetes-list-type': 'atomic' }), 'same'],
  [
    'keys in another order',
    list(object({}), { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a', 'b'] }),
    list(object({}), { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['b', 'a'] }),
    'same',
  ],
  [
    'other keys',
    list(object({}), { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'] }),
    list(object({}), { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['b'] }),
    at('x-kubernetes-list-map-keys'),
  ],
  ['a map is atomic now', map(str()), map(str(), { 'x-kubernetes-map-type': 'atomic' }), at('x-kubernetes-map-type')],
  ['granular, said and unsaid', map(str(), { 'x-kubernetes-map-type': 'granular' }), map(str()), 'same'],

  ['unknown fields are kept by both', { type: 'object', ...FREE }, { type: 'object', ...FREE }, 'same'],
  ['unknown fields are kept now', { type: 'object' }, { type: 'object', ...FREE }, 'same'],
  [
    'unknown fields are no longer kept',
    object({ a: str() }, FREE),
    object({ a: str() }),
    at('x-kubernetes-preserve-unknown-fields'),
    'next',
  ],
  ['any type stays', FREE, FREE, 'same'],
  ['any type against a typed one', FREE, str(), at('type')],
  ['a typed one against any type', str(), FREE, at('type')],
  ['no type at all', {}, {}, at('type')],
  ['a type that nobody knows', { type: 'tuple' }, { type: 'tuple' }, at('type')],
  [
    'an embedded resource is none any more',
    { type: 'object', 'x-kubernetes-embedded-resource': true, ...FREE },
    { type: 'object', ...FREE },
    at('x-kubernetes-embedded-resource'),
  ],

  ['int-or-string stays', INT_OR_STRING, INT_OR_STRING, 'same'],
  ['int-or-string became a string', INT_OR_STRING, str(), at('x-kubernetes-int-or-string')],
  ['a string became int-or-string', str(), INT_OR_STRING, at('anyOf', 'x-kubernetes-int-or-string')],
  ['int-or-string is limited now', INT_OR_STRING, { ...INT_OR_STRING, pattern: 'a' }, at('pattern'), 'next'],
  ['int-or-string has a maximum now', INT_OR_STRING, { ...INT_OR_STRING, maximum: 3 }, at('maximum'), 'next'],

  ...['allOf', 'anyOf', 'oneOf'].flatMap((keyword): Case[] => [
    [`${keyword} stays`, str({ [keyword]: [{ pattern: 'a' }] }), str({ [keyword]: [{ pattern: 'a' }] }), 'same'],
    [`${keyword} is new`, str(), str({ [keyword]: [{ pattern: 'a' }] }), at(keyword)],
    [`${keyword} differs`, str({ [keyword]: [{ pattern: 'a' }] }), str({ [keyword]: [{ pattern: 'b' }] }), at(keyword)],
    [`${keyword} is gone`, str({ [keyword]: [{ pattern: 'a' }] }), str(), 'same'],
    [
      `${keyword} at an object is new`,
      object({ a: str() }),
      object({ a: str() }, { [keyword]: [{ required: ['a'] }] }),
      at(keyword),
    ],
  ]),
  ['not stays', str({ not: { pattern: 'a' } }), str({ not: { pattern: 'a' } }), 'same'],
  ['not is new', int(), int({ not: { minimum: 3 } }), at('not')],
  [
    'a combination below which a property is gone',
    object({ a: str(), b: str() }, { anyOf: [{ required: ['b'] }] }),
    object({ a: str() }),
    at('properties'),
    at('anyOf'),
  ],

  [
    'the same rules',
    str({ [RULES]: [{ rule: 'a' }] }),
    str({ [RULES]: [{ rule: 'a', message: 'other words' }] }),
    'same',
  ],
  ['a rule is gone', str({ [RULES]: [{ rule: 'a' }] }), str(), 'same'],
  ['a rule is new', str(), str({ [RULES]: [{ rule: 'a' }] }), at(RULES), 'next'],
  [
    'another rule',
    str({ [RULES]: [{ rule: 'a' }] }),
    str({ [RULES]: [{ rule: 'b' }] }),
    at(RULES),
    lcd(str({ [RULES]: [{ rule: 'a' }, { rule: 'b' }] })),
  ],
  [
    'a rule above a property that is gone',
    object({ a: object({ b: str(), c: str() }) }, { [RULES]: [{ rule: 'self.a.c == ""' }] }),
    object({ a: object({ b: str() }) }),
    at('properties[a].properties'),
    at(RULES),
  ],

  ['descriptions do not count', str({ description: 'a' }), str({ description: 'b' }), 'same'],
  ['merge keys for patches do not count', list(str()), list(str(), { 'x-kubernetes-patch-strategy': 'merge' }), 'same'],
  ['a keyword that is not understood', str(), str({ 'x-kubernetes-new': 'a' }), at('x-kubernetes-new')],
  ['a keyword that is not understood, but the same', str({ 'x-new': 1 }), str({ 'x-new': 1 }), 'same'],
];

function judge(existing: JsonObject, next: JsonObject, expected: Expected, narrow: boolean): void {
  const { schema, errors } = commonSchema('Kind', existing, next, narrow);
  const paths = errors.map(({ field }) => field.replace(/^Kind\./, ''));
  if (typeof expected === 'object' && 'at' in expected) {
    assert.deepEqual(paths.sort(), [...expected.at].sort());
    return;
  }
  assert.deepEqual(errors, []);
  const wanted = expected === 'same' ? existing : expected === 'next' ? next : expected.lcd;
  assert.ok(deepEqual(schema, wanted), `got ${JSON.stringify(schema)}`);
}

describe(`the common schema of two (${CASES.length} pairs)`, () => {
  for (const [what, existing, next, strict, narrow = strict] of CASES) {
    test(what, () => judge(existing, next, strict, false));
    test(`${what}, narrowing`, () => judge(existing, next, narrow, true));
  }

  test('there are enough pairs', () => assert.ok(CASES.length >= 150, String(CASES.length)));

  test('messages name the property and what happened to it', () => {
    const pod = (properties: JsonObject) => object({ spec: object(properties) });
    const { errors } = commonSchema(
      'Pod',
      pod({ containers: list(str()), ephemeralContainers: list(str()) }),
      pod({ containers: list(str()) }),
      false,
    );
    assert.deepEqual(
      errors.map(({ field, message }) => `${field}: ${message}`),
      [
        'Pod.properties[spec].properties: Invalid value: ["ephemeralContainers"]: properties have been removed in an incompatible way',
      ],
    );
  });

  test('the schemas themselves are not changed', () => {
    const existing = object({ a: object({ b: str(), c: str() }) });
    const before = JSON.stringify(existing);
    commonSchema('Kind', existing, object({ a: object({ b: str() }) }), true);
    assert.equal(JSON.stringify(existing), before);
  });
});
