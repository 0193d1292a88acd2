import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseYaml, YamlError } from '@kcp/apimachinery/codec/yaml';
import { parseYamlAside } from './yaml-thread.js';

const LONG = Array.from({ length: 20_000 }, (_, i) => `- name: item-${i}\n  at: ${i}\n`).join('');

describe('YAML that is read aside', () => {
  test('gives what the parser gives, also for what JSON has no exact number or name for', async () => {
    for (const text of ['a: 9223372036854775807', '__proto__: {a: 1}', 'a: 1\na: 2', '"x": &y {z: 1}\nw: *y', LONG]) {
      assert.deepEqual(await parseYamlAside(text), parseYaml(text));
    }
  });

  test('is refused as the parser refuses it, and the next is read', async () => {
    const reading = [parseYamlAside('a: [1'), parseYamlAside('b: 1')] as const;
    const why = (error: unknown): string => (error instanceof YamlError ? error.message : String(error));
    let wanted = '';
    try {
      parseYaml('a: [1');
    } catch (error) {
      wanted = why(error);
    }
    assert.equal(await reading[0].then(String, why), wanted);
    assert.deepEqual((await reading[1]).value, { b: 1 });
  });

  test('does not hold up the event loop', async () => {
    let turns = 0;
    let reading = true;
    const count = (): void => {
      turns++;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    await parseYamlAside(LONG);
    reading = false;
    assert.ok(turns > 10, `${turns} turns`);
  });
});
