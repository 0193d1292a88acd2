import { defaultCustomResourceDefinition, withStoredVersion } from '@kcp/apimachinery/crd/defaults';
import { crdFromV1beta1, crdToV1beta1 } from '@kcp/apimachinery/crd/v1beta1';
import { judgeCustomResourceDefinition, validateCustomResourceDefinitionStatus } from '@kcp/apimachinery/crd/validate';
import { definitionWarnings } from '@kcp/apimachinery/crd/warnings';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf, type GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { readObject, readStrings } from '@kcp/apimachinery/schema/read';
import type { Work } from '@kcp/apimachinery/turns/work';
import { nameIsDnsSubdomain } from '@kcp/apimachinery/validation/names';
import type { Findings, Strategy } from '../../registry/strategy.js';
import { builtinType } from '../builtin-type.js';
import { keepAllButStatus } from '../status-subresource.js';
import { beginInstanceDeletion } from './instance-deletion.js';

const GROUP = 'apiextensions.k8s.io';
const KIND = 'CustomResourceDefinition';
const V1: GroupVersionKind = { group: GROUP, version: 'v1', kind: KIND };
const V1BETA1: GroupVersionKind = { group: GROUP, version: 'v1beta1', kind: KIND };

const COMMON: Strategy = {
  // The definition's own rules judge the name, with the plural and the group at hand.
  validateName: nameIsDnsSubdomain,
  validatesMetadata: true,
  createOnUpdate: false,
  unconditionalUpdate: false,
  generation: 'spec',
  deleteReturnsObject: false,
  resetFields: { 'f:status': {} },
  prepareForCreate: (definition) => takeStatus(definition, undefined),
  prepareForUpdate: (definition, old) => takeStatus(definition, readObject(old, 'status') ?? {}),
  beginDeletion: beginInstanceDeletion,
};

const STRATEGY: Strategy = { ...COMMON, judge: (definition, old) => judged(definition, old, 'v1') };

const STATUS_STRATEGY: Strategy = {
  ...COMMON,
  resetFields: { 'f:metadata': {}, 'f:spec': {} },
  prepareForUpdate: (definition, old) => {
    keepAllButStatus(definition, old);
    nameStoredVersion(definition);
  },
  validateUpdate: validateCustomResourceDefinitionStatus,
};

const NAMES = { plural: 'customresourcedefinitions', shortNames: ['crd', 'crds'], categories: ['api-extensions'] };
const SHARED = {
  ...NAMES,
  namespaced: false,
  sharedMember: 'spec',
  strategy: STRATEGY,
  defaults: fillIn,
  subresources: {
    status: { form: 'update', verbs: new Set(['get', 'patch', 'update'] as const), strategy: STATUS_STRATEGY },
  },
} as const;

/** Announced as upstream's are, which keeps them in the old form. */
export const DEFINITIONS = builtinType({ gvk: V1, ...SHARED, announcedVersion: V1BETA1.version });

/** The old form; stored as v1. */
export const DEFINITIONS_V1BETA1 = builtinType({
  gvk: V1BETA1,
  ...SHARED,
  strategy: {
    ...STRATEGY,
    judge: (definition, old) => judged(definition, old, 'v1beta1'),
  },
  storedAs: {
    gvk: V1,
    toStorage: (definition) => asVersion(crdFromV1beta1(definition), definition, V1),
    fromStorage: (definition) => asVersion(crdToV1beta1(definition), definition, V1BETA1),
  },
});

function* judged(definition: KubeObject, old: KubeObject | undefined, form: 'v1' | 'v1beta1'): Work<Findings> {
  const errors = yield* judgeCustomResourceDefinition(definition, old, form);
  return { errors, warnings: errors.length === 0 ? yield* definitionWarnings(definition, old) : [] };
}

function asVersion(converted: JsonObject, { metadata }: KubeObject, gvk: GroupVersionKind): KubeObject {
  return { ...converted, kind: KIND, apiVersion: apiVersionOf(gvk), metadata };
}

function fillIn(definition: KubeObject): void {
  definition.spec = defaultCustomResourceDefinition(definition).spec;
}

/** There is a stored version always, whoever writes the status. */
function nameStoredVersion(definition: KubeObject): void {
  const status = readObject(definition, 'status');
  if (readStrings(status ?? {}, 'storedVersions').length === 0) takeStatus(definition, status);
}

/** The status is the server's, but the storage version joins the stored versions with the write that makes it so. */
function takeStatus(definition: KubeObject, oldStatus: JsonObject | undefined): void {
  const { status } = withStoredVersion(definition, oldStatus);
  if (isObject(status)) definition.status = status;
}
