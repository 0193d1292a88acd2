import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG_MAPS } from '../builtins/core/config-maps.js';
import { NAMESPACES } from '../builtins/core/namespaces.js';
import { SECRETS } from '../builtins/core/secrets.js';
import { KeptDocuments } from './kept-documents.js';
import { VersionDocuments } from './version-documents.js';

test('whoever serves the same types gets the same document, made once', async () => {
  const [first, second] = [[CONFIG_MAPS, NAMESPACES], [SECRETS]];
  const documents = new VersionDocuments('1.36');
  const [document, same] = await Promise.all([documents.document(first), documents.document([...first])]);
  assert.equal(same, document);
  assert.equal(await documents.document([...first]), document);
  assert.equal(await documents.hash([...first]), document.hash);
  assert.notEqual(await documents.hash(second), document.hash);
  assert.notEqual(await documents.hash([...first, ...second]), document.hash);
});

test('documents stay as long as there is room, the least recently used one goes', () => {
  const kept = new KeptDocuments<string>(250);
  const document = { bytes: Buffer.alloc(100), hash: '' };
  for (const key of ['a', 'b']) kept.keep(key, document);
  assert.equal(kept.get('a'), document);
  kept.keep('c', document);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => kept.get(key) !== undefined),
    [true, false, true],
  );
  kept.keep('large', { bytes: Buffer.alloc(1_000), hash: '' });
  assert.ok(kept.get('large') !== undefined && kept.get('a') === undefined);
});
