import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { API_IMPORT_DEFINITION, NEGOTIATED_API_DEFINITION } from './api-definitions.js';
import { CLUSTER_DEFINITION } from './cluster-definition.js';

/** The definitions of a logical cluster that physical clusters are registered in; `config/` holds them as files. */
export const MULTICLUSTER_DEFINITIONS: readonly KubeObject[] = [
  API_IMPORT_DEFINITION,
  CLUSTER_DEFINITION,
  NEGOTIATED_API_DEFINITION,
];
