import type { UserInfo } from '../authn/user.js';
import type { AuthorizationAttributes } from '../authz/authorizer.js';
import type { RequestInfo, ResourceTarget } from '../request/request-info.js';

const NAME_FIELD = /(?:^|,)metadata\.name==?([^,!=\\]+)(?:$|,)/;

/** What a request asks the authorizer for. */
export function attributesOf(info: RequestInfo, user: UserInfo): AuthorizationAttributes {
  const { scope, target } = info;
  if (target === undefined) {
    return { kind: 'nonResource', user, scope, verb: info.method.toLowerCase(), path: info.path };
  }
  const { verb, group, version, resource, subresource, namespace } = target;
  return {
    kind: 'resource',
    user,
    scope,
    verb,
    group,
    version,
    resource,
    subresource,
    namespace,
    name: nameOf(info, target),
  };
}

/** A list or watch of one name is authorized with that name, so that rules with resourceNames allow informers. */
function nameOf(info: RequestInfo, { verb, name }: ResourceTarget): string {
  if (name !== '' || (verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection')) return name;
  return NAME_FIELD.exec(info.query.get('fieldSelector'))?.[1] ?? '';
}
