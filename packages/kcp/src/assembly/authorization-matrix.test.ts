import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ClusterName, parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { ANONYMOUS, authenticated, type UserInfo } from '@kcp/apiserver/authn/user';
import { systemClock } from '@kcp/apiserver/clock';
import { InProcessRequest } from '@kcp/apiserver/http/in-process';
import type { ResourceType } from '@kcp/apiserver/registry/resource-type';
import { awaitObject } from '../testing/await-object.js';
import { inProcessClient, mastersUser } from './in-process-client.js';
import { openStore } from './open-store.js';
import { type Core, startCore } from './start-core.js';

const LOG = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const RBAC = 'rbac.authorization.k8s.io';
const rbac = (resource: string) => ({ group: RBAC, version: 'v1', resource });
const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const [TEAM, OTHER] = ['team-a', 'team-b'].map((name) => parseClusterName(name)) as [ClusterName, ClusterName];
const NAMESPACE = 'work';

const user = (name: string): UserInfo => authenticated({ name, uid: '', groups: [], extra: {} });
const CALLERS = {
  anonymous: ANONYMOUS,
  unprivileged: user('nobody'),
  'namespace admin': user('nina'),
  'cluster admin': user('carl'),
  "other cluster's admin": user('olga'),
} as const;
type Caller = keyof typeof CALLERS;

const VERBS = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
} as const;
type Verb = keyof typeof VERBS;
const ON_COLLECTIONS: readonly Verb[] = ['list', 'watch', 'create', 'deletecollection'];
const READ: readonly Verb[] = ['get', 'list', 'watch'];
const ALL = Object.keys(VERBS) as Verb[];

/** Everybody who has a name may ask about himself. */
const ABOUT_ONESELF = ['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews'];
/**
 * What upstream's role `admin` gives in a namespace, of the types that are served here. A namespace itself is asked for
 * within its own scope; access reviews of a namespace are the admin's.
 */
const NAMESPACE_ADMIN: Readonly<Record<string, readonly Verb[]>> = {
  configmaps: ALL,
  events: ALL,
  secrets: ALL,
  serviceaccounts: ALL,
  'serviceaccounts/token': ['create'],
  leases: ALL,
  roles: ALL,
  rolebindings: ALL,
  limitranges: READ,
  resourcequotas: READ,
  'resourcequotas/status': READ,
  namespaces: ['get'],
  'namespaces/status': ['get'],
  localsubjectaccessreviews: ['create'],
};
/** Of the newer group, events can only be read. */
const EVENTS_GROUP: readonly Verb[] = READ;

/** A call that brings no identity. */
class AnonymousRequest extends InProcessRequest {
  override readonly peer = { kind: 'none' } as const;
}

interface Cell {
  readonly what: string;
  readonly type: ResourceType;
  readonly subresource: string;
  readonly verb: Verb;
}

function allowed(caller: Caller, { type, subresource, verb }: Cell): boolean {
  const { plural } = type.names;
  const resource = subresource === '' ? plural : `${plural}/${subresource}`;
  if (caller === 'cluster admin') return true;
  if (caller !== 'anonymous' && ABOUT_ONESELF.includes(plural) && verb === 'create') return true;
  if (caller !== 'namespace admin') return false;
  if (plural === 'events' && type.gvk.group !== '') return EVENTS_GROUP.includes(verb);
  return NAMESPACE_ADMIN[resource]?.includes(verb) === true;
}

describe('who may do what', () => {
  let server: Core;
  before(async () => {
    const store = await openStore({ inMemory: true, rootDirectory: '', history: {} }, LOG);
    server = await startCore({ store, log: LOG, identity: { tokens: [], anonymous: true } });
    const masters = inProcessClient(server.server, mastersUser('setup'), systemClock, 'setup');
    const apiVersion = `${RBAC}/v1`;
    const roleRef = (name: string) => ({ apiGroup: RBAC, kind: 'ClusterRole', name });
    const subjects = (name: string) => [{ apiGroup: RBAC, kind: 'User', name }];
    for (const [cluster, name] of [
      [TEAM, 'carl'],
      [OTHER, 'olga'],
    ] as const) {
      await masters.in(cluster).create(rbac('clusterrolebindings'), {
        apiVersion,
        kind: 'ClusterRoleBinding',
        metadata: { name: 'admins' },
        subjects: subjects(name),
        roleRef: roleRef('cluster-admin'),
      });
      await masters
        .in(cluster)
        .create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    }
    await masters.in(TEAM).create(rbac('rolebindings'), {
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name: 'admins', namespace: NAMESPACE },
      subjects: subjects('nina'),
      roleRef: roleRef('admin'),
    });
    // `admin` is put together from parts; its own come last.
    const system = masters.in(parseClusterName('system') as ClusterName);
    await awaitObject(
      system,
      rbac('clusterroles'),
      { name: 'admin' },
      (role) =>
        JSON.stringify(role?.rules ?? '').includes('rolebindings') &&
        JSON.stringify(role?.rules ?? '').includes('limitranges'),
    );
  });
  after(() => server.stop());

  /** A dry run: what is allowed is not carried out, and objects need not be there. */
  async function status(caller: Caller, cluster: ClusterName, { type, subresource, verb }: Cell): Promise<number> {
    const { gvk, names, namespaced } = type;
    const root = gvk.group === '' ? `/api/${gvk.version}` : `/apis/${gvk.group}/${gvk.version}`;
    const scope = namespaced ? `/namespaces/${NAMESPACE}` : '';
    const object =
      ON_COLLECTIONS.includes(verb) && subresource === '' ? '' : `/${names.plural === 'namespaces' ? NAMESPACE : 'x'}`;
    const below = subresource === '' ? '' : `/${subresource}`;
    const query =
      verb === 'watch' ? '?watch=1&timeoutSeconds=1' : verb === 'get' || verb === 'list' ? '' : '?dryRun=All';
    const call = {
      method: VERBS[verb],
      target: `/clusters/${cluster}${root}${scope}/${names.plural}${object}${below}${query}`,
      headers: { 'content-type': verb === 'patch' ? 'application/merge-patch+json' : 'application/json' },
      body: verb === 'create' || verb === 'update' || verb === 'patch' ? Buffer.from('{}') : undefined,
      signal: AbortSignal.timeout(5_000),
    };
    const answer = await server.server.chain.handle(
      caller === 'anonymous' ? new AnonymousRequest(call, ANONYMOUS) : new InProcessRequest(call, CALLERS[caller]),
    );
    return answer.status;
  }

  function cells(): Cell[] {
    return server.server.catalog.builtins().flatMap((type) => {
      const own = ALL.map((verb) => ({ verb, subresource: '' }));
      const below = [...type.subresources.keys()].flatMap((subresource) =>
        (['get', 'create', 'update', 'patch'] as const).map((verb) => ({ verb, subresource })),
      );
      return [...own, ...below].map(({ verb, subresource }) => ({
        what: `${verb} ${type.names.plural}${subresource === '' ? '' : `/${subresource}`}.${type.gvk.group}/${type.gvk.version}`,
        type,
        subresource,
        verb,
      }));
    });
  }

  for (const caller of Object.keys(CALLERS) as Caller[]) {
    test(`${caller}: every verb of every resource and subresource`, async () => {
      const all = cells();
      assert.ok(all.length > 250, `only ${all.length}`);
      for (const cell of all) {
        const answered = await status(caller, TEAM, cell);
        assert.equal(answered !== 403, allowed(caller, cell), `${cell.what} was answered with ${answered}`);
        assert.ok(answered < 500, `${cell.what} was answered with ${answered}`);
      }
    });
  }

  test('an administrator of one logical cluster is nobody in another', async () => {
    for (const cell of cells()) {
      const mayAsk = ABOUT_ONESELF.includes(cell.type.names.plural) && cell.verb === 'create';
      assert.equal((await status('cluster admin', OTHER, cell)) === 403, !mayAsk, cell.what);
      assert.equal((await status("other cluster's admin", OTHER, cell)) === 403, false, cell.what);
    }
  });
});
