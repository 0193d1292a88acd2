import {
  type AuthorizationAnswer,
  type AuthorizationQuestion,
  authorizerValue,
  requestResourceValue,
} from '@kcp/apimachinery/cel/library/kubernetes/authorizer';
import type { CelValue } from '@kcp/apimachinery/cel/values/value';
import { accountGroups, accountUserName } from '../../authn/service-account/account-claims.js';
import { authenticated, type UserInfo } from '../../authn/user.js';
import type { AuthorizationAttributes, Authorizer } from '../../authz/authorizer.js';
import type { AdmissionAttributes } from '../admission.js';

/** `authorizer`: asks about the rights of whoever writes, in the logical cluster that he writes into. */
export function boundAuthorizer(authorizer: Authorizer, attributes: AdmissionAttributes): CelValue {
  return authorizerValue((question) => ask(authorizer, attributes, question));
}

/** `authorizer.requestResource`: the same, with the resource of the request filled in. */
export function boundRequestResource(authorizer: Authorizer, attributes: AdmissionAttributes): CelValue {
  const { type, subresource, namespace, name } = attributes;
  const resource = { group: type.gvk.group, resource: type.names.plural, subresource, namespace, name };
  return requestResourceValue((question) => ask(authorizer, attributes, question), resource);
}

/** Expressions cannot wait: an authorizer that has to ask somebody else has no answer for them. */
function ask(
  authorizer: Authorizer,
  attributes: AdmissionAttributes,
  question: AuthorizationQuestion,
): AuthorizationAnswer {
  const answer = authorizer.authorize(attributesOf(attributes, question));
  if (answer instanceof Promise) {
    return { allowed: false, reason: '', error: 'the authorizer does not answer at once' };
  }
  return { allowed: answer.decision === 'allow', reason: answer.reason };
}

function attributesOf(
  { user: writer, cluster: scope }: AdmissionAttributes,
  question: AuthorizationQuestion,
): AuthorizationAttributes {
  const { verb, path, group, resource, subresource, namespace, name, serviceAccount } = question;
  const user = serviceAccount === undefined ? writer : accountUser(serviceAccount);
  if (path !== undefined) return { kind: 'nonResource', user, scope, verb, path };
  return { kind: 'resource', user, scope, verb, group, version: '*', resource, subresource, namespace, name };
}

function accountUser({ namespace, name }: { readonly namespace: string; readonly name: string }): UserInfo {
  const groups = accountGroups(namespace);
  return authenticated({ name: accountUserName(namespace, name), uid: '', groups, extra: {} });
}
