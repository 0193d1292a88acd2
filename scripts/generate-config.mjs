#!/usr/bin/env node
// Writes config/*.yaml: the definitions of the kinds by which physical clusters are registered, for `kubectl apply -f`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeYaml } from '../packages/apimachinery/dist/codec/write-yaml.js';
import { MULTICLUSTER_DEFINITIONS } from '../packages/controllers/dist/multicluster/apis/definitions/all-definitions.js';

const folder = join(import.meta.dirname, '..', 'config');
mkdirSync(folder, { recursive: true });
for (const definition of MULTICLUSTER_DEFINITIONS) {
  const { group, names } = definition.spec;
  writeFileSync(join(folder, `${group}_${names.plural}.yaml`), writeYaml(definition));
}
