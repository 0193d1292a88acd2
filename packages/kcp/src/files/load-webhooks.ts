import { WebhookTokens } from '@kcp/apiserver/authn/webhook/webhook-tokens';
import { WebhookAuthorizer } from '@kcp/apiserver/authz/webhook/webhook-authorizer';
import type { Clock } from '@kcp/apiserver/clock';
import type { AuthorizationWebhookFlags, TokenWebhookFlags } from '../config/server-config.js';
import type { Log } from '../log/log.js';
import { loadEndpoint } from './load-endpoint.js';

/** The service that knows tokens. Throws KubeconfigFault and what the system says of the file. */
export function loadTokenWebhook({ file, cacheMs }: TokenWebhookFlags, clock: Clock): WebhookTokens {
  return new WebhookTokens(loadEndpoint(file), cacheMs, clock);
}

/** The service that decides. Throws KubeconfigFault and what the system says of the file. */
export function loadAuthorizationWebhook(flags: AuthorizationWebhookFlags, clock: Clock, log: Log): WebhookAuthorizer {
  return new WebhookAuthorizer({
    endpoint: loadEndpoint(flags.file),
    allowedMs: flags.allowedMs,
    refusedMs: flags.refusedMs,
    clock,
    onError: (error) => log.error('the authorization webhook failed', { error }),
  });
}
