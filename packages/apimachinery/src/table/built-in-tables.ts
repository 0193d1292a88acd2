import type { TableType } from './column.js';
import {
  CONFIG_MAP_TABLE,
  CORE_EVENT_TABLE,
  DEFAULT_TABLE,
  EVENTS_EVENT_TABLE,
  LEASE_TABLE,
  NAME_AND_AGE_TABLE,
  NAMESPACE_TABLE,
  RESOURCE_QUOTA_TABLE,
  SECRET_TABLE,
} from './columns-of-core.js';
import {
  API_SERVICE_TABLE,
  BINDING_TABLE,
  CERTIFICATE_SIGNING_REQUEST_TABLE,
  MUTATING_POLICY_TABLE,
  POLICY_BINDING_TABLE,
  VALIDATING_POLICY_TABLE,
  WEBHOOK_CONFIGURATION_TABLE,
} from './columns-of-groups.js';
import { workloadTable } from './workload-tables.js';

const ADMISSION = 'admissionregistration.k8s.io';
const RBAC = 'rbac.authorization.k8s.io';

/** By `group/Kind`; types that are not listed have the default columns. */
const TABLES: ReadonlyMap<string, TableType> = new Map([
  ['/ConfigMap', CONFIG_MAP_TABLE],
  ['/Secret', SECRET_TABLE],
  ['/Namespace', NAMESPACE_TABLE],
  ['/ServiceAccount', NAME_AND_AGE_TABLE],
  ['/Event', CORE_EVENT_TABLE],
  ['/ResourceQuota', RESOURCE_QUOTA_TABLE],
  ['/LimitRange', DEFAULT_TABLE],
  ['events.k8s.io/Event', EVENTS_EVENT_TABLE],
  ['coordination.k8s.io/Lease', LEASE_TABLE],
  [`${RBAC}/Role`, DEFAULT_TABLE],
  [`${RBAC}/ClusterRole`, DEFAULT_TABLE],
  [`${RBAC}/RoleBinding`, BINDING_TABLE],
  [`${RBAC}/ClusterRoleBinding`, BINDING_TABLE],
  ['certificates.k8s.io/CertificateSigningRequest', CERTIFICATE_SIGNING_REQUEST_TABLE],
  ['apiextensions.k8s.io/CustomResourceDefinition', DEFAULT_TABLE],
  [`${ADMISSION}/MutatingWebhookConfiguration`, WEBHOOK_CONFIGURATION_TABLE],
  [`${ADMISSION}/ValidatingWebhookConfiguration`, WEBHOOK_CONFIGURATION_TABLE],
  [`${ADMISSION}/ValidatingAdmissionPolicy`, VALIDATING_POLICY_TABLE],
  [`${ADMISSION}/ValidatingAdmissionPolicyBinding`, POLICY_BINDING_TABLE],
  [`${ADMISSION}/MutatingAdmissionPolicy`, MUTATING_POLICY_TABLE],
  [`${ADMISSION}/MutatingAdmissionPolicyBinding`, POLICY_BINDING_TABLE],
  ['apiregistration.k8s.io/APIService', API_SERVICE_TABLE],
]);

/** The columns of a built-in type. */
export function builtInTable(group: string, kind: string): TableType {
  return TABLES.get(`${group}/${kind}`) ?? workloadTable(group, kind) ?? DEFAULT_TABLE;
}
