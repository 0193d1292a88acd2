import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryReader } from './memory-reading.js';

test('memory is measured against what was given, else against the container or the machine', () => {
  const held = Buffer.alloc(32 * 1024 * 1024, 1);
  const { heap, container = 0 } = memoryReader(2 * held.length)();
  assert.ok(heap > 0 && heap < 1, `${heap} of the heap`);
  assert.ok(container > 0.5, `${container} of what was given`);
  const { container: share = 0 } = memoryReader()();
  assert.ok(share > 0 && share < 1, `${share} of what there is`);
});
