import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { newInvalid } from '../errors/status-error.js';
import type { JsonObject } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { nameIsDnsSubdomain } from '../validation/names.js';
import { validateObjectMeta } from '../validation/object-meta.js';
import { compileSchema } from './compile.js';
import { applyDefaults } from './defaults.js';
import { coerceMetadata } from './embedded.js';
import { prune } from './prune.js';
import { validateScale } from './scale.js';
import { validate } from './validate-object.js';

interface Recorded {
  readonly version: {
    readonly schema: { readonly openAPIV3Schema: JsonObject };
    readonly subresources: { scale: JsonObject };
  };
  /** Creations with the answer of a real server: the message of a refusal, or the spec as it was stored. */
  readonly cases: readonly { do: string; object: KubeObject; message: string | null; spec: JsonObject | null }[];
}

const recorded: Recorded = JSON.parse(
  readFileSync(new URL('../../src/schema/data/machines.json', import.meta.url), 'utf8'),
);
const schema = compileSchema(recorded.version.schema.openAPIV3Schema);

function create(object: KubeObject): { object: KubeObject; message: string | null } {
  const copy = structuredClone(object);
  coerceMetadata(schema, copy);
  prune(schema, copy);
  delete copy.status;
  applyDefaults(schema, copy);
  copy.metadata.namespace ??= 'golden';
  const errors = [
    ...validateObjectMeta(copy.metadata, { namespaced: true, nameValidator: nameIsDnsSubdomain }),
    ...validate(schema, copy),
  ];
  // upstream checks the scale before embedded resources and lists, none of which fail at once here
  errors.push(...validateScale(recorded.version.subresources.scale, copy));
  const { status } = newInvalid({ group: 'golden.example.com', kind: 'Machine' }, copy.metadata.name ?? '', errors);
  return { object: copy, message: errors.length === 0 ? null : withoutDetails(status.message ?? '') };
}

function withoutDetails(message: string): string {
  return message.replace(/(accessor error: ).*?, expected [\w{}[\]]*?(?=\]$|, |$)/g, '$1<detail>');
}

for (const each of recorded.cases) {
  test(`a custom resource: ${each.do}`, () => {
    const { object, message } = create(each.object);
    assert.equal(message, each.message);
    if (each.spec !== null) assert.deepEqual(object.spec, each.spec);
  });
}
