import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { UserInfo } from '../authn/user.js';
import type { AdmissionAttributes } from './admission.js';
import { type AdmissionForm, admissionForm } from './admission-form.js';
import { resourceOf } from './match-type.js';

/** The version of a write that a webhook or policy matched by. */
export interface MatchedVersion {
  readonly form: AdmissionForm;
  readonly resource: GroupVersionResource;
}

/**
 * An `admission.k8s.io` AdmissionRequest without uid, objects and options: what webhooks are sent and expressions see as
 * `request`. Empty texts are left out, as upstream's encoder has it.
 */
export function admissionRequest({ form, resource }: MatchedVersion, attributes: AdmissionAttributes): JsonObject {
  const { type, subresource, name, namespace, operation, user, dryRun } = attributes;
  return {
    kind: { ...form.kind },
    resource: { ...resource },
    ...named('subResource', subresource),
    requestKind: { ...admissionForm(type, subresource).kind },
    requestResource: { ...resourceOf(type) },
    ...named('requestSubResource', subresource),
    ...named('name', name),
    ...named('namespace', namespace),
    operation,
    userInfo: userInfo(user),
    dryRun,
  };
}

function userInfo({ name, uid, groups, extra }: UserInfo): JsonObject {
  const more: [string, string[]][] = Object.entries(extra).map(([key, values]): [string, string[]] => [
    key,
    [...values],
  ]);
  return {
    ...named('username', name),
    ...named('uid', uid),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(more.length === 0 ? {} : { extra: Object.fromEntries(more) }),
  };
}

function named(name: string, value: string): JsonObject {
  return value === '' ? {} : { [name]: value };
}
