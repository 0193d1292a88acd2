import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { nameIsPathSegment } from '@kcp/apimachinery/validation/names';
import { validateObjectMeta, validateObjectMetaUpdate } from '@kcp/apimachinery/validation/object-meta';
import type { UserInfo } from '../../authn/user.js';
import type { UpdateSubresource } from '../../registry/resource-type.js';
import type { Strategy } from '../../registry/strategy.js';
import { builtinStrategy, finalizerErrors } from '../builtin-strategy.js';
import { builtinType } from '../builtin-type.js';
import { keepAllButStatus, keepMember, keepStatus } from '../status-subresource.js';
import { keepDecisions, stampConditions } from './conditions.js';
import { type ChangeRules, signingRequestChangeErrors, signingRequestErrors } from './validate-signing-request.js';

/** Requests may have any name that fits into a path. */
const PLAIN = builtinStrategy({ validateName: nameIsPathSegment });
const METADATA = { namespaced: false, nameValidator: nameIsPathSegment };

export const SIGNING_REQUESTS = builtinType({
  gvk: { group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest' },
  plural: 'certificatesigningrequests',
  shortNames: ['csr'],
  namespaced: false,
  selectableFields: { 'spec.signerName': (request) => readString(readObject(request, 'spec') ?? {}, 'signerName') },
  strategy: {
    ...PLAIN,
    resetFields: { 'f:spec': {}, 'f:status': {} },
    prepareForCreate: (request, { user }) => {
      stampUser(request, user);
      request.status = {};
    },
    prepareForUpdate: (request, old) => {
      keepMember(request, old, 'spec');
      keepStatus(request, old);
    },
    validateCreate: (request) => [...finalizerErrors(request.metadata), ...signingRequestErrors(request)],
    validateUpdate: changeRules({ mayDecide: false, mayIssue: false }),
  },
  subresources: { status: status(), approval: approval() },
});

/** The signer writes the certificate and conditions of its own. */
function status(): UpdateSubresource {
  return subresource({
    resetFields: { 'f:spec': {}, 'f:status': { 'f:conditions': {} } },
    prepareForUpdate: (request, old, { now }) => {
      keepAllButStatus(request, old);
      keepDecisions(request, old);
      stampConditions(request, old, now);
    },
    validateUpdate: changeRules({ mayDecide: false, mayIssue: true }),
  });
}

/** Somebody approves or denies: conditions alone change. */
function approval(): UpdateSubresource {
  return subresource({
    resetFields: { 'f:spec': {}, 'f:status': { 'f:certificate': {} } },
    prepareForUpdate: (request, old, { now }) => {
      stampConditions(request, old, now);
      keepAllButStatus(request, old);
      keepAllButConditions(request, old);
    },
    validateUpdate: changeRules({ mayDecide: true, mayIssue: false }),
  });
}

function subresource(own: Partial<Strategy>): UpdateSubresource {
  return { form: 'update', verbs: new Set(['get', 'update', 'patch']), strategy: { ...PLAIN, ...own } };
}

function keepAllButConditions(request: KubeObject, old: KubeObject): void {
  const { conditions } = readObject(request, 'status') ?? {};
  const { conditions: _, ...rest } = readObject(old, 'status') ?? {};
  request.status = conditions === undefined ? rest : { conditions, ...rest };
}

/** Who asks for a certificate is known from the request, never from its body. */
function stampUser(request: KubeObject, user: UserInfo): void {
  const { username: _name, uid: _uid, groups: _groups, extra: _extra, ...spec } = readObject(request, 'spec') ?? {};
  if (user.name !== '') spec.username = user.name;
  if (user.uid !== '') spec.uid = user.uid;
  if (user.groups.length > 0) spec.groups = [...user.groups];
  const extra = Object.entries(user.extra);
  if (extra.length > 0) spec.extra = Object.fromEntries(extra.map(([key, values]) => [key, [...values]]));
  request.spec = spec;
}

/** Upstream judges the whole metadata of a change once more, as for a creation and as for a change. */
function changeRules(rules: ChangeRules): NonNullable<Strategy['validateUpdate']> {
  return (request, old) => [
    ...validateObjectMeta(request.metadata, METADATA),
    ...finalizerErrors(request.metadata),
    ...signingRequestErrors(request, old),
    ...signingRequestChangeErrors(request, old, rules),
    ...validateObjectMetaUpdate(request.metadata, old.metadata),
    ...finalizerErrors(request.metadata),
  ];
}
