import { readdirSync, readFileSync } from 'node:fs';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { isObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';

/** The kinds whose definitions are in contrib/crds, by folder. */
export const CONTRIBUTED: Readonly<Record<string, readonly string[]>> = {
  core: [
    'endpoints.core',
    'nodes.core',
    'persistentvolumeclaims.core',
    'persistentvolumes.core',
    'pods.core',
    'podtemplates.core',
    'replicationcontrollers.core',
    'services.core',
  ],
  apps: ['controllerrevisions.apps', 'daemonsets.apps', 'deployments.apps', 'replicasets.apps', 'statefulsets.apps'],
};

const FOLDER = new URL('../../../../contrib/crds/', import.meta.url);

/** The text of a file in contrib/crds. */
export function contributedText(folder: string, file: string): string {
  return readFileSync(new URL(`${folder}/${file}`, FOLDER), 'utf8');
}

/** All definitions in one folder of contrib/crds. */
export function contributedDefinitions(folder: string): KubeObject[] {
  return readdirSync(new URL(folder, FOLDER)).map((file) => {
    const { value } = parseYaml(contributedText(folder, file));
    if (!isObject(value) || !isObject(value.metadata)) throw new Error(`${folder}/${file} is no object`);
    return { ...value, apiVersion: String(value.apiVersion), kind: String(value.kind), metadata: value.metadata };
  });
}
