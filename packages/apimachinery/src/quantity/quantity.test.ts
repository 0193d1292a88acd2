import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addQuantities,
  canonicalQuantityText,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityValue,
  roundUpQuantity,
  subtractQuantities,
} from './quantity.js';

type Recorded = readonly [string, string | { readonly error: string }];
const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(new URL('../../data/fixtures/go-quantities.json', import.meta.url), 'utf8'),
);

for (const [text, expected] of recorded) {
  test(`Go makes ${JSON.stringify(expected)} of ${JSON.stringify(text)}`, () => {
    if (typeof expected === 'string') assert.equal(canonicalQuantityText(text), expected);
    else assert.throws(() => canonicalQuantityText(text), { message: expected.error });
  });
}

test('amounts compare by value, whatever their notation', () => {
  assert.equal(compareQuantities(parseQuantity('1Ki'), parseQuantity('1024')), 0);
  assert.ok(compareQuantities(parseQuantity('999m'), parseQuantity('1')) < 0);
  assert.ok(compareQuantities(parseQuantity('1G'), parseQuantity('900Mi')) > 0);
});

test('sums keep the notation of the first amount, and every digit', () => {
  assert.equal(formatQuantity(addQuantities(parseQuantity('1Gi'), parseQuantity('1Mi'))), '1025Mi');
  assert.equal(formatQuantity(addQuantities(parseQuantity('0'), parseQuantity('3Ki'))), '3Ki');
  assert.equal(formatQuantity(subtractQuantities(parseQuantity('1'), parseQuantity('250m'))), '750m');
  const large = addQuantities(parseQuantity('12345678901234567890'), parseQuantity('1n'));
  assert.equal(formatQuantity(large), '12345678901234567890000000001n');
});

test('rounding goes away from zero', () => {
  assert.equal(formatQuantity(roundUpQuantity(parseQuantity('1.0001'), -3)), '1001m');
  assert.equal(quantityValue(parseQuantity('1100m')), 2n);
  assert.equal(quantityValue(parseQuantity('-1100m')), -2n);
});

test('absurd exponents and lengths are refused', () => {
  assert.throws(() => parseQuantity('1e999999999'));
  assert.throws(() => parseQuantity('1'.repeat(100_000)));
});

test('the canonical form means the same amount and is canonical itself', () => {
  const suffixes = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'Ti', 'e3', 'e-3');
  const amounts = fc.tuple(fc.integer(), fc.nat(999_999), suffixes).map(([i, f, s]) => `${i}.${f}${s}`);
  fc.assert(
    fc.property(amounts, (text) => {
      const canonical = canonicalQuantityText(text);
      assert.equal(canonicalQuantityText(canonical), canonical);
      assert.equal(compareQuantities(parseQuantity(canonical), parseQuantity(text)), 0);
    }),
  );
});
