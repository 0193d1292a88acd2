import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';

/** Longest name of an object, and of what goes into one. */
export const NAME_LENGTH_MAX = 253;
const LABEL_LENGTH_MAX = 63;
const NAMES_MAX = 32;
const TEXT_LENGTH_MAX = 32_768;
const CONDITIONS_MAX = 32;
const COLUMNS_MAX = 64;

export function text(description: string, more: JsonObject = {}): JsonObject {
  return { type: 'string', description, ...more };
}

/** A text that names something. */
export function name(description: string, more: JsonObject = {}): JsonObject {
  return text(description, { maxLength: NAME_LENGTH_MAX, ...more });
}

export function fields(properties: JsonObject, required: readonly string[], description: string): JsonObject {
  return { type: 'object', description, ...(required.length === 0 ? {} : { required: [...required] }), properties };
}

export function conditions(types: string): JsonObject {
  const condition = fields(
    {
      type: name('What is said to hold or not.', { maxLength: LABEL_LENGTH_MAX }),
      status: text('Whether it holds.', { enum: ['True', 'False', 'Unknown'] }),
      reason: name('Why, in one word for programs.'),
      message: text('Why, in words for people.', { maxLength: TEXT_LENGTH_MAX }),
      lastTransitionTime: text('When the status became what it is.', { format: 'date-time' }),
      observedGeneration: { type: 'integer', format: 'int64', description: 'The generation that it was said of.' },
    },
    ['type', 'status'],
    'One thing that holds or does not.',
  );
  return {
    type: 'array',
    description: `What holds of it: ${types}.`,
    maxItems: CONDITIONS_MAX,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
    items: condition,
  };
}

/** Lists of texts that are in no order. */
export function names(description: string, max = NAMES_MAX): JsonObject {
  return {
    type: 'array',
    description,
    maxItems: max,
    'x-kubernetes-list-type': 'set',
    items: { type: 'string', maxLength: NAME_LENGTH_MAX },
  };
}

/** What the two kinds that describe an API have in common. */
export const API_FIELDS: JsonObject = {
  groupVersion: fields(
    {
      group: name('The group; empty or core for the group without a name.'),
      version: name('The version.', { minLength: 1, maxLength: LABEL_LENGTH_MAX }),
    },
    ['version'],
    'Group and version of the API.',
  ),
  scope: text('Whether objects are in namespaces.', { enum: ['Namespaced', 'Cluster'] }),
  plural: name('The resource, as it stands in paths.', { minLength: 1, maxLength: LABEL_LENGTH_MAX }),
  singular: name('The name of one of them.'),
  kind: name('The kind.', { minLength: 1 }),
  listKind: name('The kind of lists.'),
  shortNames: names('Short names for the command line.'),
  categories: names('Groups of resources that the kind belongs to.'),
  openAPIV3Schema: {
    type: 'object',
    description: 'The structural schema of objects.',
    'x-kubernetes-preserve-unknown-fields': true,
  },
  subResources: {
    type: 'array',
    description: 'Subresources besides the object itself.',
    maxItems: 2,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: fields({ name: text('Which.', { enum: ['status', 'scale'] }) }, ['name'], 'A subresource.'),
  },
  columnDefinitions: {
    type: 'array',
    description: 'Columns of tables.',
    maxItems: COLUMNS_MAX,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: fields(
      {
        name: name('The head of the column.'),
        type: name('The type of its values.'),
        format: name('The format of its values.'),
        description: text('What it shows.', { maxLength: TEXT_LENGTH_MAX }),
        priority: { type: 'integer', format: 'int32', description: 'Above zero: shown in wide tables alone.' },
        jsonPath: text('Where its values are in the object.', { maxLength: TEXT_LENGTH_MAX }),
      },
      ['name', 'type'],
      'A column.',
    ),
  },
};

export const API_REQUIRED = ['groupVersion', 'scope', 'plural', 'kind', 'openAPIV3Schema'];

/** What makes it this API and no other cannot change. */
export const API_IDENTITY_RULES: readonly JsonObject[] = [
  {
    rule: 'self.groupVersion == oldSelf.groupVersion && self.plural == oldSelf.plural',
    message: 'group, version and plural cannot change',
  },
];

/** A definition of a kind of cluster scope with a status. */
export function definition(
  group: string,
  kind: string,
  plural: string,
  body: { readonly description: string; readonly spec: JsonObject; readonly status: JsonObject },
  columns: readonly JsonObject[],
): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List`, categories: ['kcp'] },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [...columns],
          schema: { openAPIV3Schema: rootSchema(body) },
        },
      ],
    },
  };
}

function rootSchema({ description, spec, status }: Parameters<typeof definition>[3]): JsonObject {
  return {
    type: 'object',
    description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec,
      status,
    },
  };
}

export function column(heading: string, jsonPath: string, description: string, more: JsonObject = {}): JsonObject {
  return { name: heading, type: 'string', jsonPath, description, ...more };
}

/** A column with the status of a condition. */
export function conditionColumn(type: string, description: string): JsonObject {
  return column(type, `.status.conditions[?(@.type=="${type}")].status`, description);
}

export const AGE = column('Age', '.metadata.creationTimestamp', 'When it was made.', { type: 'date' });
