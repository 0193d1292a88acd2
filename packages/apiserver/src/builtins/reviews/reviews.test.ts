import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { hasReason, StatusError } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { BearerTokens } from '../../authn/token.js';
import { AUTHENTICATED_GROUP, MASTERS_GROUP, type UserInfo } from '../../authn/user.js';
import { type AuthorizationAttributes, type Authorizer, mastersAuthorizer } from '../../authz/authorizer.js';
import { unionRules } from '../../authz/rule-resolver.js';
import type { ResourceType } from '../../registry/resource-type.js';
import { mastersRules } from '../../testing/masters-rules.fixture.js';
import { accessReviews } from './access-reviews.js';
import { rulesReview } from './rules-review.js';
import { SELF_SUBJECT_REVIEWS } from './self-review.js';
import { tokenReview } from './token-review.js';

interface Recorded {
  readonly do: string;
  readonly endpoint: string;
  readonly sent: JsonObject;
  readonly errors?: readonly string[];
}

const recorded: Recorded[] = JSON.parse(
  readFileSync(new URL('../../../src/builtins/reviews/data/recorded.json', import.meta.url), 'utf8'),
);
const ANN: UserInfo = { name: 'ann', uid: '7', groups: ['crew', AUTHENTICATED_GROUP], extra: { team: ['golden'] } };
const MASTER: UserInfo = { ...ANN, groups: [MASTERS_GROUP] };

async function ask(type: ResourceType, sent: JsonObject, user = ANN, namespace = ''): Promise<KubeObject> {
  assert.equal(type.backing.kind, 'review');
  const { object } = type.codec.decode(sent);
  const context = { cluster: ROOT_CLUSTER, user, namespace, now: 0 };
  return type.backing.kind === 'review' ? await type.backing.answer(object, context) : object;
}

/** An authorizer that remembers what it was asked. */
function listening(): Authorizer & { readonly asked: AuthorizationAttributes[] } {
  const asked: AuthorizationAttributes[] = [];
  return {
    asked,
    authorize(attributes) {
      asked.push(attributes);
      return { decision: attributes.user.name === 'eve' ? 'deny' : 'noOpinion', reason: 'because' };
    },
  };
}

function accessReview(kind: string, authorizer: Authorizer = mastersAuthorizer): ResourceType {
  const type = accessReviews(authorizer).find(({ gvk }) => gvk.kind === kind);
  assert.ok(type);
  return type;
}

const GET_SECRETS = { namespace: 'n', verb: 'get', resource: 'secrets' };

for (const one of recorded) {
  test(`${one.endpoint}: ${one.do}`, async () => {
    const namespace = one.endpoint === 'LocalSubjectAccessReview' ? 'n' : '';
    const question = ask(accessReview(one.endpoint), one.sent, ANN, namespace);
    if (one.errors === undefined) {
      await question;
      return;
    }
    const texts = one.errors.length === 1 ? one.errors[0] : `[${one.errors.join(', ')}]`;
    await assert.rejects(question, (error) => {
      assert.ok(error instanceof StatusError);
      assert.equal(error.message, `.authorization.k8s.io "" is invalid: ${texts}`);
      assert.equal(error.status.details?.kind, undefined);
      return true;
    });
  });
}

test('a review asks about exactly the user it names', async () => {
  const authorizer = listening();
  const spec = { user: 'bob', groups: ['g'], extra: { a: ['b'] }, resourceAttributes: { ...GET_SECRETS, name: 's' } };
  const { status } = await ask(accessReview('SubjectAccessReview', authorizer), { spec });
  assert.deepEqual(status, { allowed: false, reason: 'because' });
  assert.deepEqual(authorizer.asked, [
    {
      kind: 'resource',
      user: { name: 'bob', uid: '', groups: ['g'], extra: { a: ['b'] } },
      scope: ROOT_CLUSTER,
      group: '',
      version: '*',
      subresource: '',
      ...GET_SECRETS,
      name: 's',
    },
  ]);
});

test('a denial is told apart from a lack of permission', async () => {
  const spec = { user: 'eve', nonResourceAttributes: { path: '/metrics', verb: 'get' } };
  const { status } = await ask(accessReview('SubjectAccessReview', listening()), { spec });
  assert.deepEqual(status, { allowed: false, denied: true, reason: 'because' });
});

test('a review of oneself is about the user who asks', async () => {
  const spec = { resourceAttributes: GET_SECRETS };
  const type = accessReview('SelfSubjectAccessReview');
  assert.deepEqual((await ask(type, { spec })).status, { allowed: false });
  assert.deepEqual((await ask(type, { spec }, MASTER)).status, { allowed: true });
});

test('the namespace of the URL is that of a local review, and no other', async () => {
  const type = accessReview('LocalSubjectAccessReview');
  const sent = { spec: { user: 'bob', groups: [MASTERS_GROUP], resourceAttributes: GET_SECRETS } };
  const answer = await ask(type, sent, ANN, 'n');
  assert.deepEqual([answer.metadata, answer.status], [{ namespace: 'n' }, { allowed: true }]);
  const elsewhere = ask(type, { ...sent, metadata: { namespace: 'm' } }, ANN, 'n');
  await assert.rejects(elsewhere, (error) => hasReason(error, 'BadRequest'));
});

test('selectors that cannot be read are mentioned in the answer', async () => {
  const errorOf = async (selectors: JsonObject): Promise<unknown> => {
    const spec = { resourceAttributes: { ...GET_SECRETS, ...selectors } };
    const { status } = await ask(accessReview('SelfSubjectAccessReview'), { spec });
    return (status as JsonObject).evaluationError;
  };
  const old = { key: 'a', operator: 'In', values: ['b'] };
  const unknown = { key: 'a', operator: 'Near', values: ['b'] };
  const field = 'spec.resourceAttributes.fieldSelector';
  const label = 'spec.resourceAttributes.labelSelector';
  assert.equal(
    await errorOf({ labelSelector: { rawSelector: 'a in (b)' }, fieldSelector: { rawSelector: 'a=b' } }),
    undefined,
  );
  assert.equal(
    await errorOf({ labelSelector: { requirements: [old] }, fieldSelector: { requirements: [old] } }),
    undefined,
  );
  assert.equal(
    await errorOf({ labelSelector: { rawSelector: 'a in' }, fieldSelector: { rawSelector: 'a' } }),
    `${field} ignored due to parse error; ${label} ignored due to parse error`,
  );
  assert.equal(
    await errorOf({ labelSelector: { requirements: [old, unknown] }, fieldSelector: { requirements: [unknown] } }),
    `${field} ignored due to parse error; ${label} partially ignored due to parse error`,
  );
});

test('rules are those of every resolver, for the asking user', async () => {
  const reader = { verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: [] };
  const type = rulesReview(
    unionRules([
      mastersRules,
      {
        rulesFor: () => ({ resourceRules: [reader], nonResourceRules: [], incomplete: true, evaluationError: 'half' }),
      },
    ]),
  );
  const read = { verbs: ['get'], apiGroups: [''], resources: ['configmaps'] };
  const answer = await ask(type, { spec: { namespace: 'n' } });
  assert.deepEqual(answer.spec, {});
  assert.deepEqual(answer.status, {
    resourceRules: [read],
    nonResourceRules: [],
    incomplete: true,
    evaluationError: 'half',
  });
  const { status } = await ask(type, { spec: { namespace: 'n' } }, MASTER);
  assert.deepEqual((status as JsonObject).resourceRules, [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, read]);
  await assert.rejects(
    ask(type, {}),
    (error) => error instanceof StatusError && error.message === 'no namespace on request',
  );
});

test('a token review tells whom a token stands for, and says when it stands for nobody', async () => {
  const user = { ...ANN, groups: ['crew'] };
  const known = {
    authenticateToken: (token: string) => (token === 't' ? { user, audiences: undefined } : undefined),
  };
  const type = tokenReview(new BearerTokens([known], ['api']));
  const statusOf = async (spec: JsonObject): Promise<unknown> => (await ask(type, { spec })).status;
  const shown = { username: 'ann', uid: '7', groups: ['crew', AUTHENTICATED_GROUP], extra: { team: ['golden'] } };
  assert.deepEqual(await statusOf({ token: 't' }), { authenticated: true, user: shown, audiences: ['api'] });
  assert.deepEqual(await statusOf({ token: 't', audiences: ['x', 'api'] }), {
    authenticated: true,
    user: shown,
    audiences: ['api'],
  });
  const nobody = { user: {}, error: 'invalid bearer token' };
  assert.deepEqual(await statusOf({ token: 'u' }), nobody);
  assert.deepEqual(await statusOf({ token: 't', audiences: ['x'] }), nobody);
  await assert.rejects(ask(type, {}), (error) => hasReason(error, 'BadRequest'));
});

test('a user learns who he is', async () => {
  const { metadata, status } = await ask(SELF_SUBJECT_REVIEWS, {});
  assert.deepEqual(metadata, { creationTimestamp: '1970-01-01T00:00:00Z' });
  assert.deepEqual(status, {
    userInfo: { username: 'ann', uid: '7', groups: ANN.groups, extra: { team: ['golden'] } },
  });
});
