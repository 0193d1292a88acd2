// Every example runs to its end.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const folder = new URL('.', import.meta.url).pathname;
for (const name of readdirSync(folder).filter((file) => file.endsWith('.mjs') && !file.endsWith('.test.mjs'))) {
  test(name, () => {
    const { status, stderr } = spawnSync(process.execPath, [join(folder, name)], { encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 0, stderr);
  });
}
