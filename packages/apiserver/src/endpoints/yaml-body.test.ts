import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { parseYamlBody } from './yaml-body.js';

const body = (text: string) => parseYamlBody(text, (why) => new Error(why));

test('JSON is read as YAML reads it, only sooner', async () => {
  for (const text of [
    '{"a": 1, "b": [true, null, "c", 1.5, -2], "d": {"e": "*f", "g": "a: b # c"}}',
    '{"a": "\\u00e9\\n\\/", "": "", "y": "yes", "n": "0x1f"}',
    '{"a": 9007199254740993, "b": 1.0, "c": 1e3}',
    '{"a": 1, "a": 2, "b": {"c": 1, "c": 1}}',
    '{"<<": {"a": 1}, "b": 2}',
    '{a: 1, b: [c, d]}',
    '{"a": 1} # that is all',
    '{}',
  ]) {
    assert.deepEqual(await body(text), parseYaml(text), text);
  }
});

test('what YAML refuses is refused in JSON, too', async () => {
  for (const text of ['{"a": 1', '{"a" 1}']) {
    let expected = '';
    try {
      parseYaml(text);
    } catch (error) {
      expected = String(error instanceof Error ? error.message : error);
    }
    assert.notEqual(expected, '', text);
    await assert.rejects(body(text), { message: expected });
  }
});
