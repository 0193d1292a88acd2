import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newForbidden, type StatusError } from '@kcp/apimachinery/errors/status-error';
import type { AuthorizationAttributes, ResourceAttributes } from './authorizer.js';

/** The 403 for attributes that were not allowed, in upstream's words (`responsewriters.Forbidden`). */
export function forbiddenError(attributes: AuthorizationAttributes, reason: string): StatusError {
  const tail = reason === '' ? '' : `: ${reason}`;
  const user = `User ${goQuote(attributes.user.name)}`;
  if (attributes.kind === 'nonResource') {
    const text = `${user} cannot ${attributes.verb} path ${goQuote(attributes.path)}${tail}`;
    return newForbidden({ group: '', resource: '' }, '', text);
  }
  const { group, resource, name } = attributes;
  const text = `${user} cannot ${attributes.verb} resource ${goQuote(resourceText(attributes))} in API group ${goQuote(group)} ${scopeText(attributes)}${tail}`;
  return newForbidden({ group, resource }, name, text);
}

function resourceText({ resource, subresource }: ResourceAttributes): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

function scopeText({ namespace }: ResourceAttributes): string {
  return namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`;
}
