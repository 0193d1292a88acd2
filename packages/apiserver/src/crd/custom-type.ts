import { isKubernetesGroup } from '@kcp/apimachinery/crd/kubernetes-group';
import { isNumber, type JsonObject } from '@kcp/apimachinery/json/value';
import { compileJsonPath } from '@kcp/apimachinery/json-path/json-path';
import { mergeTypeOfSchema } from '@kcp/apimachinery/schema/merge-type-of-schema';
import type { SchemaNode } from '@kcp/apimachinery/schema/node';
import type { TableType } from '@kcp/apimachinery/table/column';
import { makingCustomTable } from '@kcp/apimachinery/table/custom-columns';
import { workloadTable } from '@kcp/apimachinery/table/workload-tables';
import { atOnce } from '@kcp/apimachinery/turns/work';
import { objectMetaMergeType } from '@kcp/apimachinery/types/merge-type-of';
import type { ResourceType, Subresource } from '../registry/resource-type.js';
import type { Strategy } from '../registry/strategy.js';
import type { ResourceVerb } from '../request/request-info.js';
import type { WebhookClient } from '../webhook/webhook-client.js';
import { CustomCodec } from './custom-codec.js';
import { customStatusStrategy, customStrategy } from './custom-strategy.js';
import type { Definition, DefinitionVersion } from './definition.js';
import { scaleSubresource } from './scale-subresource.js';
import { VersionSchema } from './version-schema.js';

/** In the order in which upstream's discovery lists them for custom resources. */
const VERBS: readonly ResourceVerb[] = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
];

/** While a definition goes away its objects are not to be changed; discovery stops mentioning those verbs. */
const VERBS_WHILE_TERMINATING: readonly ResourceVerb[] = ['delete', 'deletecollection', 'get', 'list', 'watch'];

/**
 * One served version of a custom resource as the verbs see it. Nothing is compiled before it is used: thousands of
 * types may be listed in discovery and never be touched.
 */
export function customType(definition: Definition, version: DefinitionVersion, webhooks: WebhookClient): ResourceType {
  const schema = new VersionSchema(definition, version);
  const strategy = customStrategy(schema);
  const { group, names, namespaced, storageKind } = definition;
  return {
    origin: 'custom',
    gvk: version.gvk,
    names,
    namespaced,
    verbs: new Set(VERBS),
    listedVerbs: definition.terminating ? VERBS_WHILE_TERMINATING : VERBS,
    storage: { group, resource: names.plural, custom: true, namespaced },
    storageKind,
    codec: new CustomCodec(schema, webhooks),
    strategy,
    table: tableOf(version),
    mergeType: () => mergeTypeOfSchema(schema.structural, objectMetaMergeType()),
    selectableFields: new Map(version.selectableFields.map(selectableField)),
    get strategicPatch() {
      return isKubernetesGroup(group) && hasMapList(schema.structural);
    },
    subresources: subresourcesOf(schema, strategy),
    backing: { kind: 'store' },
    prepare: () => schema.prepare(),
    openApiSchema: () => definition.schemaOf(version.gvk.version),
  };
}

function subresourcesOf(schema: VersionSchema, main: Strategy): ReadonlyMap<string, Subresource> {
  const { hasStatus, scale } = schema.version;
  const subresources = new Map<string, Subresource>();
  if (hasStatus) {
    const strategy = customStatusStrategy(schema, main);
    subresources.set('status', { form: 'update', verbs: new Set(['get', 'patch', 'update']), strategy });
  }
  if (scale !== undefined) subresources.set('scale', scaleSubresource(schema, scale, main));
  return subresources;
}

/** Kinds that Kubernetes knows keep their columns when a definition states none. */
function tableOf({ gvk, printerColumns }: DefinitionVersion): TableType {
  const known = printerColumns.length === 0 ? workloadTable(gvk.group, gvk.kind) : undefined;
  return known ?? lazyTable(printerColumns);
}

function lazyTable(printerColumns: readonly JsonObject[]): TableType {
  let made: TableType | undefined;
  const table = (): TableType => {
    made ??= atOnce(makingCustomTable(printerColumns));
    return made;
  };
  return {
    get columns() {
      return table().columns;
    },
    cells: (object) => table().cells(object),
    *prepare() {
      made ??= yield* makingCustomTable(printerColumns);
    },
  };
}

/** Field label and reader of one entry of `selectableFields`; a field that is absent is the empty string. */
function selectableField(jsonPath: string): [string, (object: JsonObject) => string] {
  const path = compileJsonPath(jsonPath);
  return [
    jsonPath.replace(/^\./, ''),
    (object) => {
      const value = path.first(object);
      return typeof value === 'string' || typeof value === 'boolean' || isNumber(value) ? String(value) : '';
    },
  ];
}

/** Some list is merged by its keys, so strategic merge patches have something to go by. */
function hasMapList(node: SchemaNode): boolean {
  if (!node.hasListTypes) return false;
  if (node.listType === 'map') return true;
  const { items, properties, additionalProperties } = node;
  const inner = [...properties.values(), items, additionalProperties?.schema];
  return inner.some((child) => child !== undefined && hasMapList(child));
}
