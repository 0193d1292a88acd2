import { readFileSync } from 'node:fs';
import type { AnonymousAccess } from '@kcp/apiserver/authn/authenticator';
import type { TokenAuthenticator } from '@kcp/apiserver/authn/token';
import { tokenFileAuthenticator } from '@kcp/apiserver/authn/token-file';
import { systemClock } from '@kcp/apiserver/clock';
import { loadAccountIdentity } from '../certificates/account-identity.js';
import { certificateDirectory } from '../certificates/ensure-certificates.js';
import type { AuthenticationConfig, ServerConfig } from '../config/server-config.js';
import type { Log } from '../log/log.js';
import type { IdentityOptions } from './assemble-identity.js';
import type { CoreOptions } from './start-core.js';

type Closing = (() => Promise<void> | void)[];
type Options = Omit<CoreOptions, 'store'>;

/**
 * What a configuration says of a server, with every file read that it names. What was not asked for is not loaded.
 * Rejects with the error of the file that cannot be used.
 */
export async function serverOptions(config: ServerConfig, log: Log): Promise<Options> {
  const closing: Closing = [];
  const identity = await identityOptions(config, log, closing);
  return {
    log,
    identity,
    ...config.controllers,
    admissionPlugins: config.admissionPlugins,
    webhookAddresses: config.webhookAddresses,
    ...(config.memoryLimitBytes === undefined ? {} : { memoryLimitBytes: config.memoryLimitBytes }),
    ...(await audit(config, log, closing)),
    ...(await flows(config)),
    ...(await authorizers(config, log)),
    closing,
  };
}

async function identityOptions(
  { authentication, rootDirectory }: ServerConfig,
  log: Log,
  closing: Closing,
): Promise<IdentityOptions> {
  const { tokenFile, serviceAccounts, requestHeader } = authentication;
  const accounts = loadAccountIdentity(certificateDirectory(rootDirectory), serviceAccounts);
  return {
    tokens: tokenFile === undefined ? [] : [tokenFileAuthenticator(readFileSync(tokenFile, 'utf8'))],
    accounts,
    bootstrapTokens: authentication.bootstrapTokens === true,
    ...(requestHeader === undefined ? {} : { requestHeader }),
    ...(await foreign(authentication, accounts.issuers, log, closing)),
  };
}

/** The users of others, and who may come without a name. */
async function foreign(
  { anonymous, configFile, oidc, tokenWebhook }: AuthenticationConfig,
  own: readonly string[],
  log: Log,
  closing: Closing,
): Promise<{ foreignTokens: readonly TokenAuthenticator[]; anonymous: () => AnonymousAccess }> {
  const foreignTokens: TokenAuthenticator[] = [];
  let access = (): AnonymousAccess => anonymous;
  if (configFile !== undefined) {
    const { loadForeignTokens } = await import('../files/load-foreign-tokens.js');
    const loaded = loadForeignTokens(configFile, own, systemClock, log);
    foreignTokens.push(loaded.tokens);
    access = () => loaded.anonymous() ?? anonymous;
    closing.push(() => loaded.close());
  }
  if (oidc !== undefined) {
    const { legacyForeignTokens } = await import('../files/load-foreign-tokens.js');
    const loaded = legacyForeignTokens(oidc, own, systemClock);
    foreignTokens.push(loaded.tokens);
    closing.push(() => loaded.close());
  }
  if (tokenWebhook !== undefined) {
    const { loadTokenWebhook } = await import('../files/load-webhooks.js');
    foreignTokens.push(loadTokenWebhook(tokenWebhook, systemClock));
  }
  return { foreignTokens, anonymous: access };
}

async function audit({ audit: config }: ServerConfig, log: Log, closing: Closing): Promise<Pick<Options, 'auditor'>> {
  if (config === undefined) return {};
  const { loadAuditor } = await import('../files/load-auditor.js');
  const auditor = loadAuditor(config, systemClock, log);
  closing.push(() => auditor.close());
  return { auditor };
}

async function flows({ flowControl }: ServerConfig): Promise<Pick<Options, 'flows'>> {
  if (flowControl === undefined) return {};
  const { loadFlowControl } = await import('../files/load-flow-control.js');
  return { flows: loadFlowControl(flowControl) };
}

async function authorizers({ authorization }: ServerConfig, log: Log): Promise<Pick<Options, 'authorizers'>> {
  if (authorization === undefined) return {};
  const { loadAuthorizationWebhook } = await import('../files/load-webhooks.js');
  const webhook = loadAuthorizationWebhook(authorization.webhook, systemClock, log);
  return { authorizers: { beforeRbac: authorization.beforeRbac, webhook } };
}
