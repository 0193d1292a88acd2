import type { JsonObject } from '../json/value.js';

type ParameterType = 'string' | 'integer' | 'boolean';

interface ParameterFacts {
  readonly type: ParameterType;
  readonly in: 'query' | 'path';
  readonly description: string;
  /** OpenAPI v2 writes these out where they are used; clients look for them there. */
  readonly inline?: true;
}

const PARAMETERS: Readonly<Record<string, ParameterFacts>> = {
  allowWatchBookmarks: { type: 'boolean', in: 'query', description: 'Ask for bookmark events in a watch.' },
  continue: { type: 'string', in: 'query', description: 'The token from the previous page of this list.' },
  dryRun: { type: 'string', in: 'query', inline: true, description: 'With the value All nothing is stored.' },
  fieldManager: { type: 'string', in: 'query', description: 'Who makes this change, as recorded in managedFields.' },
  fieldSelector: { type: 'string', in: 'query', description: 'Only objects whose fields match.' },
  fieldValidation: {
    type: 'string',
    in: 'query',
    inline: true,
    description: 'What to do about unknown or repeated fields: Ignore, Warn or Strict.',
  },
  force: { type: 'boolean', in: 'query', description: 'Take over fields that other managers have applied.' },
  gracePeriodSeconds: {
    type: 'integer',
    in: 'query',
    description: 'Seconds until the object is deleted; 0 is at once.',
  },
  ignoreStoreReadErrorWithClusterBreakingPotential: {
    type: 'boolean',
    in: 'query',
    description: 'Delete even an object that cannot be read back from the store.',
  },
  labelSelector: { type: 'string', in: 'query', description: 'Only objects whose labels match.' },
  limit: { type: 'integer', in: 'query', description: 'The most items to return in one page.' },
  name: { type: 'string', in: 'path', inline: true, description: 'Name of the object.' },
  namespace: { type: 'string', in: 'path', description: 'Namespace of the object.' },
  orphanDependents: { type: 'boolean', in: 'query', description: 'Deprecated: use propagationPolicy.' },
  pretty: { type: 'string', in: 'query', description: 'With the value true the answer is indented.' },
  propagationPolicy: {
    type: 'string',
    in: 'query',
    description: 'What happens to dependents: Orphan, Background or Foreground.',
  },
  resourceVersion: { type: 'string', in: 'query', description: 'The version to read at or to watch from.' },
  resourceVersionMatch: { type: 'string', in: 'query', description: 'How resourceVersion applies to a list.' },
  sendInitialEvents: { type: 'boolean', in: 'query', description: 'Begin a watch with the present objects.' },
  shardSelector: { type: 'string', in: 'query', description: 'Only objects of one shard of the key space.' },
  timeoutSeconds: { type: 'integer', in: 'query', description: 'Seconds after which the call ends.' },
  watch: { type: 'boolean', in: 'query', description: 'Stream changes in place of a list.' },
};

export const LIST_PARAMETERS = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'shardSelector',
  'timeoutSeconds',
  'watch',
] as const;
export const DELETE_PARAMETERS = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
] as const;
export const DELETE_COLLECTION_PARAMETERS = [
  ...LIST_PARAMETERS.filter((name) => name !== 'allowWatchBookmarks' && name !== 'watch'),
  ...DELETE_PARAMETERS,
] as const;
export const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'] as const;
export const PATCH_PARAMETERS = [...WRITE_PARAMETERS, 'force'] as const;

function factsOf(name: string): ParameterFacts {
  const facts = PARAMETERS[name];
  if (facts === undefined) throw new Error(`no parameter is called ${name}`);
  return facts;
}

const v3 = new Map<string, JsonObject>();

/** A parameter as OpenAPI v3 writes it; one shared object per name. */
export function parameterV3(name: string): JsonObject {
  let made = v3.get(name);
  if (made === undefined) {
    const { type, in: place, description } = factsOf(name);
    const schema = { type, uniqueItems: true };
    made = { name, in: place, description, ...(place === 'path' ? { required: true } : {}), schema };
    v3.set(name, made);
  }
  return made;
}

const v2 = new Map<string, JsonObject>();

/** A parameter as OpenAPI v2 writes it where it is used: whole, or a reference to `sharedParametersV2`. */
export function parameterV2(name: string): JsonObject {
  let made = v2.get(name);
  if (made === undefined) {
    made = factsOf(name).inline === true ? wholeV2(name) : { $ref: `#/parameters/${name}` };
    v2.set(name, made);
  }
  return made;
}

function wholeV2(name: string): JsonObject {
  const { type, in: place, description } = factsOf(name);
  return { uniqueItems: true, type, description, name, in: place, ...(place === 'path' ? { required: true } : {}) };
}

/** The `parameters` section of an OpenAPI v2 document. */
export function sharedParametersV2(): JsonObject {
  const shared: JsonObject = {};
  for (const [name, facts] of Object.entries(PARAMETERS)) if (facts.inline !== true) shared[name] = wholeV2(name);
  return shared;
}
