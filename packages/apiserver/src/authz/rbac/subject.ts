import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readString } from '@kcp/apimachinery/schema/read';
import type { UserInfo } from '../../authn/user.js';

const ACCOUNT_PREFIX = 'system:serviceaccount:';

/** Whom a binding speaks of, as one text that is the same for the same subject. */
export type SubjectKey = string;

/** The key of an entry of `subjects`; undefined for a kind that no user can be. `namespace` is the binding's. */
export function subjectKey(subject: JsonObject, namespace: string): SubjectKey | undefined {
  const name = readString(subject, 'name');
  switch (readString(subject, 'kind')) {
    case 'User':
      return `user ${name}`;
    case 'Group':
      return `group ${name}`;
    case 'ServiceAccount': {
      const own = readString(subject, 'namespace') || namespace;
      return own === '' ? undefined : `user ${ACCOUNT_PREFIX}${own}:${name}`;
    }
    default:
      return undefined;
  }
}

/** Every key under which bindings may speak of a user. */
export function subjectKeysOf({ name, groups }: UserInfo): SubjectKey[] {
  return [`user ${name}`, ...groups.map((group) => `group ${group}`)];
}

/** As reasons name it: `User "ann"`, `ServiceAccount "robot/default"`. */
export function describeSubject(subject: JsonObject, namespace: string): string {
  const kind = readString(subject, 'kind');
  const name = readString(subject, 'name');
  if (kind !== 'ServiceAccount') return `${kind} ${goQuote(name)}`;
  return `${kind} ${goQuote(`${name}/${readString(subject, 'namespace') || namespace}`)}`;
}
