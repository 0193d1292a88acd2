import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { readObject, readString } from '@kcp/apimachinery/schema/read';

/** An object that a token names. */
export interface ObjectRef {
  readonly name: string;
  /** Empty where upstream could not tell either: the node of a pod that is not there. */
  readonly uid: string;
}

/** What a token says of a service account. */
export interface AccountClaims {
  /** As the claim says it; it is a logical cluster's name only when it equals one. */
  readonly cluster: string;
  readonly namespace: string;
  readonly account: ObjectRef;
  readonly bound: BoundObjects;
  /** Set for a token that lives in a Secret and has no end of its own. */
  readonly legacySecret: string | undefined;
  readonly id: string;
}

/** The token ends with these. A node beside a pod is told, not checked. */
export interface BoundObjects {
  readonly secret?: ObjectRef;
  readonly pod?: ObjectRef;
  readonly node?: ObjectRef;
}

/** The issuer of tokens that live in Secrets, as upstream's `LegacyIssuer`. */
export const LEGACY_ISSUER = 'kubernetes/serviceaccount';

const LEGACY = {
  cluster: 'kubernetes.io/serviceaccount/clusterName',
  namespace: 'kubernetes.io/serviceaccount/namespace',
  secret: 'kubernetes.io/serviceaccount/secret.name',
  name: 'kubernetes.io/serviceaccount/service-account.name',
  uid: 'kubernetes.io/serviceaccount/service-account.uid',
} as const;

export function accountUserName(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** The groups that every service account of a namespace is in. */
export function accountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** The `kubernetes.io` claim of a bound token. The logical cluster stands in it as in kcp's. */
export function boundClaim(
  cluster: ClusterName,
  namespace: string,
  account: ObjectRef,
  { secret, pod, node }: BoundObjects,
): JsonObject {
  const refs: JsonObject = {};
  if (pod !== undefined) refs.pod = refText(pod);
  if (secret !== undefined) refs.secret = refText(secret);
  if (node !== undefined) refs.node = refText(node);
  return { clusterName: cluster, namespace, serviceaccount: refText(account), ...refs };
}

export function legacyClaims(
  cluster: ClusterName,
  namespace: string,
  account: ObjectRef,
  secretName: string,
): JsonObject {
  return {
    iss: LEGACY_ISSUER,
    [LEGACY.cluster]: cluster,
    [LEGACY.namespace]: namespace,
    [LEGACY.secret]: secretName,
    [LEGACY.name]: account.name,
    [LEGACY.uid]: account.uid,
    sub: accountUserName(namespace, account.name),
  };
}

/** Reads either form. A member that is missing is empty, which no live object equals. */
export function readAccountClaims(claims: JsonObject): AccountClaims {
  if (readString(claims, 'iss') === LEGACY_ISSUER) return readLegacy(claims);
  const own = readObject(claims, 'kubernetes.io') ?? {};
  return {
    cluster: readString(own, 'clusterName'),
    namespace: readString(own, 'namespace'),
    account: readRef(own, 'serviceaccount') ?? { name: '', uid: '' },
    bound: readBound(own),
    legacySecret: undefined,
    id: readString(claims, 'jti'),
  };
}

function readLegacy(claims: JsonObject): AccountClaims {
  return {
    cluster: readString(claims, LEGACY.cluster),
    namespace: readString(claims, LEGACY.namespace),
    account: { name: readString(claims, LEGACY.name), uid: readString(claims, LEGACY.uid) },
    bound: {},
    legacySecret: readString(claims, LEGACY.secret),
    id: '',
  };
}

function readBound(own: JsonObject): BoundObjects {
  const secret = readRef(own, 'secret');
  const pod = readRef(own, 'pod');
  const node = readRef(own, 'node');
  return {
    ...(secret === undefined ? {} : { secret }),
    ...(pod === undefined ? {} : { pod }),
    ...(node === undefined ? {} : { node }),
  };
}

function readRef(own: JsonObject, name: string): ObjectRef | undefined {
  const ref = readObject(own, name);
  return ref === undefined ? undefined : { name: readString(ref, 'name'), uid: readString(ref, 'uid') };
}

function refText({ name, uid }: ObjectRef): JsonObject {
  return { name, ...(uid === '' ? {} : { uid }) };
}
