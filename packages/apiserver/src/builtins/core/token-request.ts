import { type FieldError, invalid } from '@kcp/apimachinery/errors/field-error';
import { newBadRequest, newConflict, newInvalid } from '@kcp/apimachinery/errors/status-error';
import { getOwn, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { readNumber, readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import type { BoundObjects, ObjectRef } from '../../authn/service-account/account-claims.js';
import type { LiveObjects } from '../../authn/service-account/live-objects.js';
import type { TokenIssuer } from '../../authn/service-account/token-issuer.js';
import { formatTime } from '../../clock.js';
import { TOKEN_SECONDS_DEFAULT, TOKEN_SECONDS_MAX, TOKEN_SECONDS_MIN } from '../../limits.js';
import type { ActionContext, ActionSubresource } from '../../registry/resource-type.js';
import { decodeBuiltin } from '../builtin-type.js';

/** What answers requests for tokens. */
export interface TokenRequestDependencies {
  readonly issuer: TokenIssuer;
  readonly objects: LiveObjects;
  /** Of a token that is asked for without any. */
  readonly audiences: readonly string[];
  /** The longest life that a token gets; longer ones are cut, with a warning. */
  readonly secondsMax: number | undefined;
}

const TOKEN_REQUEST: GroupVersionKind = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };
const CREDENTIAL_ANNOTATION = 'authentication.kubernetes.io/issued-credential-id';

/** `serviceaccounts/token`: makes a token for an account. Rules and texts are those of upstream's `TokenREST`. */
export function tokenRequests(dependencies: TokenRequestDependencies): ActionSubresource {
  return {
    form: 'action',
    verbs: new Set(['create']),
    kind: TOKEN_REQUEST,
    decode: (value) => decodeBuiltin(TOKEN_REQUEST, value),
    create: (account, body, context) => answerRequest(dependencies, account, body, context),
  };
}

async function answerRequest(
  dependencies: TokenRequestDependencies,
  account: KubeObject,
  body: KubeObject,
  context: ActionContext,
): Promise<KubeObject> {
  const { name = '', uid = '' } = account.metadata;
  checkMetadata(body, context, uid);
  const request = completed(body, account, dependencies.audiences, context);
  const spec = readObject(request, 'spec') ?? {};
  const faults = secondsErrors(readNumber(spec, 'expirationSeconds') ?? 0);
  if (faults.length > 0) throw newInvalid(TOKEN_REQUEST, '', faults);
  await context.validate(request);
  const bound = await boundObjects(dependencies.objects, readObject(spec, 'boundObjectRef'), name, context);
  const seconds = shortened(spec, dependencies.secondsMax, context);
  const { token, id } = dependencies.issuer.boundToken({
    cluster: context.cluster,
    namespace: context.namespace,
    account: { name, uid },
    audiences: readStrings(spec, 'audiences'),
    bound,
    now: context.now,
    seconds,
  });
  context.annotate?.(CREDENTIAL_ANNOTATION, `JTI=${id}`);
  return { ...request, status: { token, expirationTimestamp: formatTime(context.now + seconds * 1_000) } };
}

function checkMetadata({ metadata }: KubeObject, { name, namespace }: ActionContext, accountUid: string): void {
  if (metadata.name && metadata.name !== name) {
    const why = 'must match the service account name if specified';
    throw newInvalid(TOKEN_REQUEST, name, [invalid('metadata.name', metadata.name, why)]);
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw newBadRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (metadata.uid && metadata.uid !== accountUid) {
    const why = `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${accountUid})`;
    throw newConflict({ group: TOKEN_REQUEST.group, resource: TOKEN_REQUEST.kind }, name, why);
  }
}

/** The request with everything that upstream fills in. */
function completed(
  body: KubeObject,
  account: KubeObject,
  audiences: readonly string[],
  { name, namespace, now }: ActionContext,
): KubeObject {
  const spec = readObject(body, 'spec') ?? {};
  const asked = readStrings(spec, 'audiences');
  const { uid = '' } = account.metadata;
  return {
    kind: TOKEN_REQUEST.kind,
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { ...body.metadata, name, namespace, uid, creationTimestamp: formatTime(now) },
    spec: {
      audiences: asked.length === 0 ? [...audiences] : asked,
      expirationSeconds: readNumber(spec, 'expirationSeconds') ?? TOKEN_SECONDS_DEFAULT,
      boundObjectRef: getOwn(spec, 'boundObjectRef') ?? null,
    },
  };
}

function secondsErrors(seconds: number): FieldError[] {
  const fault = (why: string): FieldError[] => [invalid('spec.expirationSeconds', seconds, why)];
  if (seconds < TOKEN_SECONDS_MIN) return fault('may not specify a duration less than 10 minutes');
  return seconds > TOKEN_SECONDS_MAX ? fault('may not specify a duration larger than 2^32 seconds') : [];
}

function shortened(spec: JsonObject, max: number | undefined, { warn }: ActionContext): number {
  const seconds = readNumber(spec, 'expirationSeconds') ?? TOKEN_SECONDS_DEFAULT;
  if (max === undefined || seconds <= max) return seconds;
  warn(`requested expiration of ${seconds} seconds shortened to ${max} seconds`);
  spec.expirationSeconds = max;
  return max;
}

const BINDABLE: ReadonlyMap<string, { readonly resource: string; readonly as: keyof BoundObjects }> = new Map([
  ['Pod', { resource: 'pods', as: 'pod' }],
  ['Node', { resource: 'nodes', as: 'node' }],
  ['Secret', { resource: 'secrets', as: 'secret' }],
]);

/** What the token is to end with. Throws 400 for what none can be bound to, 404, and 409 for another uid. */
async function boundObjects(
  objects: LiveObjects,
  ref: JsonObject | undefined,
  account: string,
  context: ActionContext,
): Promise<BoundObjects> {
  if (ref === undefined) return {};
  const kind = readString(ref, 'kind');
  const apiVersion = readString(ref, 'apiVersion');
  // The group counts, not the version.
  const bindable = apiVersion === '' || apiVersion.includes('/') ? undefined : BINDABLE.get(kind);
  if (bindable === undefined) throw newBadRequest(`cannot bind token to object of type ${kindText(apiVersion, kind)}`);
  const name = readString(ref, 'name');
  await objects.load(context.cluster, bindable.resource);
  const live = objects.find(context.cluster, bindable.resource, context.namespace, name);
  const runsAs = bindable.as === 'pod' ? podAccount(live.cached.parse()) : account;
  if (runsAs !== account) {
    throw newBadRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
    );
  }
  const wanted = readString(ref, 'uid');
  if (wanted !== '' && wanted !== live.uid) {
    const why = `the UID in the bound object reference (${wanted}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw newConflict({ group: '', resource: kind }, name, why);
  }
  const bound: ObjectRef = { name, uid: live.uid };
  return { [bindable.as]: bound };
}

function podAccount(pod: JsonObject): string {
  return readString(readObject(pod, 'spec') ?? {}, 'serviceAccountName');
}

/** As Go prints a GroupVersionKind. */
function kindText(apiVersion: string, kind: string): string {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  return `${group}/${apiVersion.slice(slash + 1)}, Kind=${kind}`;
}
