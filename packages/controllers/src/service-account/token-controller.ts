import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { Informer } from '@kcp/client/informer/informer';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import { Controller } from '../controller/controller.js';
import type { Environment } from '../controller/environment.js';
import { unlessGone } from '../controller/unless-gone.js';
import { TOKENS_AT_ONCE } from '../limits.js';
import type { TokenIssuer } from './token-issuer.js';

const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const ACCOUNTS = { group: '', version: 'v1', resource: 'serviceaccounts' };
const TOKEN_TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';
const BY_ACCOUNT = 'account';

/** What is kept of a Secret for a token: no secret. */
interface TokenSecret {
  /** Of the account. */
  readonly name: string;
  readonly uid: string;
  readonly complete: boolean;
}

export interface TokenControllerOptions {
  readonly issuer: TokenIssuer;
  /** What vouches for the server, PEM; undefined where nothing does. */
  readonly authorities: string | undefined;
}

/**
 * Fills Secrets of type `kubernetes.io/service-account-token` and deletes them with their account (upstream's tokens
 * controller). Since 1.24 they are made by users alone.
 */
export class TokenController {
  readonly #environment: Environment;
  readonly #options: TokenControllerOptions;
  readonly #secrets: Informer<TokenSecret>;
  readonly #accounts: Informer<string>;
  readonly #controller: Controller<ObjectKey>;

  constructor(environment: Environment, options: TokenControllerOptions) {
    this.#environment = environment;
    this.#options = options;
    this.#secrets = new Informer<TokenSecret>({
      ...environment,
      resource: SECRETS,
      fieldSelector: `type=${TOKEN_TYPE}`,
      keep: (secret) => tokenSecretOf(secret, options.authorities),
      indexers: { [BY_ACCOUNT]: ({ key, value }) => [keyText({ ...key, name: value.name })] },
      onError: (error) => environment.log.warn('secrets cannot be watched', { error }),
    });
    this.#accounts = new Informer<string>({
      ...environment,
      resource: ACCOUNTS,
      metadataOnly: true,
      keep: ({ metadata }) => metadata.uid,
      onError: (error) => environment.log.warn('service accounts cannot be watched', { error }),
    });
    this.#controller = new Controller({
      name: 'service account tokens',
      environment,
      sources: [this.#secrets, this.#accounts],
      textOf: keyText,
      workers: TOKENS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    this.#secrets.subscribe(({ key, after }) => {
      if (after !== undefined) this.#controller.enqueue(key);
    });
    this.#accounts.subscribe(({ key, before, after }) => {
      if (before?.value === after?.value) return;
      for (const secret of this.#secrets.indexed(BY_ACCOUNT, keyText(key))) this.#controller.enqueue(secret.key);
    });
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
    await Promise.all([this.#secrets.stop(), this.#accounts.stop()]);
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const known = this.#secrets.get(key)?.value;
    if (known === undefined) return undefined;
    const { namespace, name } = key;
    const uid = await this.#accountUid({ ...key, name: known.name }, signal);
    const orphaned = uid === undefined || (known.uid !== '' && known.uid !== uid);
    if (!orphaned && known.complete) return undefined;
    const client = this.#environment.client.in(key.cluster);
    const secret = await unlessGone(client.get(SECRETS, { namespace, name }, { signal }));
    if (secret === undefined) return undefined;
    if (orphaned) {
      const { uid: secretUid = '', resourceVersion = '' } = secret.metadata;
      const preconditions = { uid: secretUid, resourceVersion };
      await unlessGone(client.delete(SECRETS, { namespace, name }, { preconditions, signal }));
    } else await unlessGone(client.update(SECRETS, await this.#filled(key, secret, known.name, uid), { signal }));
    return undefined;
  }

  /** The informers are apart: an account that one does not have yet may be there. */
  async #accountUid(key: ObjectKey, signal: AbortSignal): Promise<string | undefined> {
    const known = this.#accounts.get(key)?.value;
    if (known !== undefined) return known;
    const { cluster, namespace, name } = key;
    const client = this.#environment.client.in(cluster);
    const account = await unlessGone(client.get(ACCOUNTS, { namespace, name }, { metadataOnly: true, signal }));
    return account?.metadata.uid;
  }

  async #filled({ cluster, namespace, name }: ObjectKey, secret: KubeObject, account: string, uid: string) {
    const data = readObject(secret, 'data') ?? {};
    const { issuer, authorities } = this.#options;
    const kept = readString(data, 'token');
    const token =
      kept !== ''
        ? kept
        : base64(await issuer.issueLegacyToken({ cluster, namespace, name: account, uid, secret: name }));
    const annotations = { ...secret.metadata.annotations, [ACCOUNT_UID]: uid };
    const filled = {
      ...data,
      ...(authorities === undefined ? {} : { 'ca.crt': base64(authorities) }),
      namespace: base64(namespace),
      token,
    };
    return { ...secret, metadata: { ...secret.metadata, annotations }, data: filled };
  }
}

function tokenSecretOf(secret: KubeObject, authorities: string | undefined): TokenSecret {
  const { annotations = {}, namespace = '' } = secret.metadata;
  const data = readObject(secret, 'data') ?? {};
  const uid = annotations[ACCOUNT_UID] ?? '';
  const trusted = authorities === undefined || readString(data, 'ca.crt') === base64(authorities);
  const complete =
    trusted && uid !== '' && readString(data, 'token') !== '' && readString(data, 'namespace') === base64(namespace);
  return { name: annotations[ACCOUNT_NAME] ?? '', uid, complete };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
