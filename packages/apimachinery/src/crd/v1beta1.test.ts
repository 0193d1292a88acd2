import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../json/value.js';
import { crdFromV1beta1, crdToV1beta1 } from './v1beta1.js';

const SCHEMA = { openAPIV3Schema: { type: 'object' } };
const OLD: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1beta1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    names: { plural: 'things', kind: 'Thing' },
    version: 'v1',
    validation: SCHEMA,
    subresources: { status: {} },
    additionalPrinterColumns: [{ name: 'A', type: 'string', JSONPath: '.spec.a' }],
    conversion: { strategy: 'Webhook', webhookClientConfig: { url: 'https://example.com' } },
    preserveUnknownFields: false,
  },
};

test('what stands at the top goes into every version', () => {
  assert.deepEqual(crdFromV1beta1(OLD), {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'things', kind: 'Thing' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: SCHEMA,
          subresources: { status: {} },
          additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.spec.a' }],
        },
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: { url: 'https://example.com' }, conversionReviewVersions: ['v1beta1'] },
      },
      preserveUnknownFields: false,
    },
  });
});

test('there and back again', () => {
  const v1 = crdFromV1beta1(OLD);
  const back = crdToV1beta1(v1);
  assert.deepEqual(crdFromV1beta1(back), v1);
  assert.deepEqual(back, {
    ...OLD,
    spec: {
      group: 'example.com',
      names: { plural: 'things', kind: 'Thing' },
      version: 'v1',
      scope: 'Namespaced',
      validation: SCHEMA,
      subresources: { status: {} },
      additionalPrinterColumns: [{ name: 'A', type: 'string', JSONPath: '.spec.a' }],
      versions: [{ name: 'v1', served: true, storage: true }],
      conversion: {
        strategy: 'Webhook',
        webhookClientConfig: { url: 'https://example.com' },
        conversionReviewVersions: ['v1beta1'],
      },
      preserveUnknownFields: false,
    },
  });
});

test('versions that differ keep their schemas', () => {
  const version = (name: string, more: JsonObject): JsonObject => ({
    name,
    served: true,
    storage: name === 'v1',
    ...more,
  });
  const versions = [
    version('v1', { schema: SCHEMA }),
    version('v2', { schema: { openAPIV3Schema: { type: 'object', description: 'other' } } }),
  ];
  const v1 = { apiVersion: 'apiextensions.k8s.io/v1', spec: { group: 'example.com', scope: 'Cluster', versions } };
  assert.deepEqual(crdToV1beta1(v1).spec, {
    group: 'example.com',
    scope: 'Cluster',
    version: 'v1',
    versions,
    preserveUnknownFields: false,
  });
});

test('v1beta1 preserves unknown fields unless told otherwise', () => {
  const { preserveUnknownFields: _, ...spec } = OLD.spec as JsonObject;
  assert.equal((crdFromV1beta1({ ...OLD, spec }).spec as JsonObject).preserveUnknownFields, true);
});
