import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FieldError, invalid, notSupported } from './field-error.js';
import { newInvalid } from './status-error.js';

const KIND = { group: '', kind: 'Thing' };

function causes(errors: readonly FieldError[]): number {
  return newInvalid(KIND, 'a', errors).status.details?.causes?.length ?? 0;
}

test('all faults are told as long as anybody could read them, and the rest is counted', () => {
  const faults = Array.from({ length: 30_000 }, (_, i) => invalid(`spec.l[${i}]`, i, 'must be another'));
  assert.equal(causes(faults.slice(0, 5_000)), 5_000);
  const { message } = newInvalid(KIND, 'a', faults);
  assert.ok(message.length < 2_000_000);
  assert.match(message, /spec\.l\[0\]: Invalid value: 0: must be another, .*and \d+ more faults\]$/);
});

test('one fault is told whatever its length', () => {
  const values = Array.from({ length: 200_000 }, (_, i) => `value ${i}`);
  const fault = notSupported('spec.a', 'x', values);
  assert.match(newInvalid(KIND, 'a', [fault]).message, /"value 199999"$/);
  assert.equal(causes([fault, fault]), 2);
});
