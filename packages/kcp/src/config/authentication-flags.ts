import { filePath, given, parseDuration, textList } from './flag-values.js';
import { oidcFlags } from './oidc-flags.js';
import { invalidValue, UsageFault } from './read-flags.js';
import type {
  AuthenticationConfig,
  AuthorizationConfig,
  RequestHeaderFlags,
  ServiceAccountConfig,
  TokenWebhookFlags,
} from './server-config.js';

type Values = ReadonlyMap<string, string>;

const SECOND_MS = 1_000;
/** As upstream. */
const TOKEN_CACHE_MS = 2 * 60 * SECOND_MS;
const ALLOWED_CACHE_MS = 5 * 60 * SECOND_MS;
const REFUSED_CACHE_MS = 30 * SECOND_MS;

/** What the flags say of who may come in. Throws UsageFault. */
export function authenticationConfig(values: Values): AuthenticationConfig {
  return {
    anonymous: values.get('anonymous-auth') !== 'false',
    tokenFile: filePath(values, 'token-auth-file'),
    clientCaFile: filePath(values, 'client-ca-file'),
    serviceAccounts: serviceAccounts(values),
    ...given({
      configFile: filePath(values, 'authentication-config'),
      oidc: oidcFlags(values),
      bootstrapTokens: values.get('enable-bootstrap-token-auth') === 'true' ? true : undefined,
      tokenWebhook: tokenWebhook(values),
      requestHeader: requestHeader(values),
    }),
  };
}

function tokenWebhook(values: Values): TokenWebhookFlags | undefined {
  const file = filePath(values, 'authentication-token-webhook-config-file');
  if (file === undefined) return undefined;
  return { file, cacheMs: duration(values, 'authentication-token-webhook-cache-ttl', TOKEN_CACHE_MS) };
}

const MODES: Readonly<Record<string, { readonly beforeRbac: boolean } | undefined>> = {
  RBAC: undefined,
  'RBAC,Webhook': { beforeRbac: false },
  'Webhook,RBAC': { beforeRbac: true },
};

/** What the flags say of who decides; undefined: RBAC alone. Throws UsageFault. */
export function authorizationConfig(values: Values): AuthorizationConfig | undefined {
  const file = filePath(values, 'authorization-webhook-config-file');
  const mode = values.get('authorization-mode') ?? (file === undefined ? 'RBAC' : 'RBAC,Webhook');
  if (!Object.hasOwn(MODES, mode)) {
    throw invalidValue('authorization-mode', mode, 'must be RBAC, RBAC,Webhook or Webhook,RBAC');
  }
  const order = MODES[mode];
  if (order === undefined && file === undefined) return undefined;
  if (order === undefined || file === undefined) {
    throw new UsageFault('--authorization-mode with Webhook and --authorization-webhook-config-file belong together');
  }
  const webhook = {
    file,
    allowedMs: duration(values, 'authorization-webhook-cache-authorized-ttl', ALLOWED_CACHE_MS),
    refusedMs: duration(values, 'authorization-webhook-cache-unauthorized-ttl', REFUSED_CACHE_MS),
  };
  return { ...order, webhook };
}

function duration(values: Values, name: string, otherwise: number): number {
  const text = values.get(name);
  return text === undefined ? otherwise : parseDuration(name, text);
}

function requestHeader(values: Values): RequestHeaderFlags | undefined {
  const caFile = filePath(values, 'requestheader-client-ca-file');
  if (caFile === undefined) return undefined;
  return {
    caFile,
    allowedNames: textList(values, 'requestheader-allowed-names') ?? [],
    usernameHeaders: textList(values, 'requestheader-username-headers') ?? ['x-remote-user'],
    uidHeaders: textList(values, 'requestheader-uid-headers') ?? ['x-remote-uid'],
    groupHeaders: textList(values, 'requestheader-group-headers') ?? ['x-remote-group'],
    extraHeaderPrefixes: textList(values, 'requestheader-extra-headers-prefix') ?? ['x-remote-extra-'],
  };
}

function serviceAccounts(values: Values): ServiceAccountConfig {
  const seconds = values.get('service-account-max-token-expiration');
  return given({
    signingKeyFile: filePath(values, 'service-account-signing-key-file'),
    keyFiles: textList(values, 'service-account-key-file'),
    issuers: textList(values, 'service-account-issuer'),
    audiences: textList(values, 'api-audiences'),
    jwksUri: filePath(values, 'service-account-jwks-uri'),
    tokenSecondsMax:
      seconds === undefined ? undefined : parseDuration('service-account-max-token-expiration', seconds) / SECOND_MS,
  });
}
