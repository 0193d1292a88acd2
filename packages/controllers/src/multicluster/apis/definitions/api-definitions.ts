import type { KubeObject } from '@kcp/apimachinery/meta/object';
import {
  API_IMPORT_KIND,
  API_IMPORTS,
  API_VERSION_ANNOTATION,
  NEGOTIATED_API_KIND,
  NEGOTIATED_APIS,
} from '../names.js';
import {
  AGE,
  API_FIELDS,
  API_IDENTITY_RULES,
  API_REQUIRED,
  column,
  conditionColumn,
  conditions,
  definition,
  fields,
  name,
  names,
} from './schema-parts.js';

const LOCATIONS_MAX = 10_000;

const API_VERSION = column(
  'API Version',
  `.metadata.annotations.${API_VERSION_ANNOTATION.replaceAll('.', '\\.')}`,
  'Group and version of the API.',
);
const API_RESOURCE = column('API Resource', '.spec.plural', 'The resource.');

/** An API as one physical cluster serves it. */
export const API_IMPORT_DEFINITION: KubeObject = definition(
  API_IMPORTS.group,
  API_IMPORT_KIND,
  API_IMPORTS.resource,
  {
    description: 'An API as one physical cluster serves it.',
    spec: {
      ...fields(
        {
          ...API_FIELDS,
          location: name('The Cluster that serves it.', { minLength: 1 }),
          schemaUpdateStrategy: {
            type: 'string',
            description: 'When it may narrow what was negotiated: never, before that is published, or always.',
            enum: ['UpdateNever', 'UpdateUnpublished', 'UpdatePublished'],
            default: 'UpdateUnpublished',
          },
        },
        [...API_REQUIRED, 'location'],
        'The API.',
      ),
      'x-kubernetes-validations': [
        ...API_IDENTITY_RULES,
        { rule: 'self.location == oldSelf.location', message: 'location cannot change' },
      ],
    },
    status: fields({ conditions: conditions('Compatible, Available') }, [], 'What came of the negotiation.'),
  },
  [
    column('Location', '.spec.location', 'The physical cluster.'),
    API_VERSION,
    API_RESOURCE,
    conditionColumn('Compatible', 'Whether it gets along with what was negotiated.'),
    conditionColumn('Available', 'Whether objects can be sent there.'),
    column('Strategy', '.spec.schemaUpdateStrategy', 'When it may narrow what was negotiated.', { priority: 1 }),
    AGE,
  ],
);

/** What the physical clusters that serve an API have in common. */
export const NEGOTIATED_API_DEFINITION: KubeObject = definition(
  NEGOTIATED_APIS.group,
  NEGOTIATED_API_KIND,
  NEGOTIATED_APIS.resource,
  {
    description: 'What the physical clusters that serve an API have in common.',
    spec: {
      ...fields(
        { ...API_FIELDS, publish: { type: 'boolean', description: 'Whether the logical cluster is to serve it.' } },
        API_REQUIRED,
        'The API.',
      ),
      'x-kubernetes-validations': [...API_IDENTITY_RULES],
    },
    status: fields(
      {
        conditions: conditions('Submitted, Published, Enforced'),
        locations: names('The physical clusters that agreed to it.', LOCATIONS_MAX),
      },
      [],
      'What came of it.',
    ),
  },
  [
    column('Publish', '.spec.publish', 'Whether it is to be served.', { type: 'boolean' }),
    API_VERSION,
    API_RESOURCE,
    conditionColumn('Published', 'Whether it is served.'),
    conditionColumn('Enforced', 'Whether a definition made by hand decides on it.'),
    column('Locations', '.status.locations', 'The physical clusters that agreed to it.', { priority: 1 }),
    AGE,
  ],
);
