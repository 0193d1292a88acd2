import type { JsonObject } from '../json/value.js';
import { atOnce } from '../turns/work.js';
import { makingDocumentV3 } from './document-v3.js';
import type { Path } from './operation.js';
import { groupName, tagOf } from './operation-names.js';
import { SchemaClosure } from './schema-closure.js';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const VERSION_INFO = 'io.k8s.apimachinery.pkg.version.Info';

function rootPath(path: string, id: string, tag: string, answer: string, jsonOnly = false): Path {
  const operation = {
    method: 'get',
    id,
    tag,
    parameters: [],
    codes: ['200'],
    answer,
    stream: false,
    custom: false,
    jsonOnly,
  } as const;
  return { path, operations: [operation] };
}

/** `/api/`: the versions of the core group. */
export const CORE_ROOT = rootPath('/api/', 'getCoreAPIVersions', 'core', `${META}.APIVersions`);
/** `/apis/`: the groups. */
export const GROUPS_ROOT = rootPath('/apis/', 'getAPIVersions', 'apis', `${META}.APIGroupList`);

/** `/apis/<group>/`: the versions of a group. */
export function groupRoot(group: string): Path {
  return rootPath(`/apis/${group}/`, `get${groupName(group)}APIGroup`, tagOf(group), `${META}.APIGroup`);
}

/** `/version/`. */
export const VERSION_ROOT = rootPath('/version/', 'getCodeVersion', 'version', VERSION_INFO, true);

const REQUIRED_INFO = ['major', 'minor', 'gitVersion', 'gitCommit', 'gitTreeState', 'buildDate', 'goVersion'];
const ALL_INFO = [...REQUIRED_INFO, 'compiler', 'platform'];
const OPTIONAL_INFO = ['emulationMajor', 'emulationMinor', 'minCompatibilityMajor', 'minCompatibilityMinor'];

/** The schema of `/version`, by its name. Strings that are always there have a default in v3. */
export function versionSchemas(format: 'v2' | 'v3'): JsonObject {
  const always = { type: 'string', ...(format === 'v3' ? { default: '' } : {}) };
  const properties: JsonObject = {};
  for (const name of [...ALL_INFO, ...OPTIONAL_INFO].sort()) {
    properties[name] = OPTIONAL_INFO.includes(name) ? { type: 'string' } : always;
  }
  const description = 'What is running: its version, and how it was built.';
  return { [VERSION_INFO]: { description, type: 'object', required: ALL_INFO, properties } };
}

/** The v3 documents besides those of group versions: `api`, `apis`, `version`, or `apis/<group>`. */
export function openApiV3Root(path: string, version: string): JsonObject | undefined {
  if (path === 'api') return atOnce(makingDocumentV3([CORE_ROOT], new SchemaClosure('v3'), version));
  if (path === 'apis') return atOnce(makingDocumentV3([GROUPS_ROOT], new SchemaClosure('v3'), version));
  if (path === 'version') {
    const closure = new SchemaClosure('v3');
    closure.addSchemas(versionSchemas('v3'));
    return atOnce(makingDocumentV3([VERSION_ROOT], closure, version));
  }
  const group = /^apis\/([^/]+)$/.exec(path)?.[1];
  return group === undefined
    ? undefined
    : atOnce(makingDocumentV3([groupRoot(group)], new SchemaClosure('v3'), version));
}
