import { filePath, given, textList } from './flag-values.js';
import { invalidValue, UsageFault } from './read-flags.js';
import type { OidcFlags } from './server-config.js';

type Values = ReadonlyMap<string, string>;

/** What the `--oidc-*` flags say; undefined without an issuer. Throws UsageFault. */
export function oidcFlags(values: Values): OidcFlags | undefined {
  const issuerUrl = filePath(values, 'oidc-issuer-url');
  const clientId = filePath(values, 'oidc-client-id');
  if (issuerUrl === undefined && clientId === undefined) return undefined;
  if (issuerUrl === undefined || clientId === undefined) {
    throw new UsageFault('--oidc-issuer-url and --oidc-client-id belong together');
  }
  if (values.has('authentication-config')) {
    throw new UsageFault('--authentication-config says all that --oidc-issuer-url can: give one or the other');
  }
  return {
    issuerUrl,
    clientId,
    usernameClaim: filePath(values, 'oidc-username-claim') ?? 'sub',
    requiredClaims: (textList(values, 'oidc-required-claim') ?? []).map(requiredClaim),
    ...given({
      usernamePrefix: values.get('oidc-username-prefix'),
      groupsClaim: filePath(values, 'oidc-groups-claim'),
      groupsPrefix: values.get('oidc-groups-prefix'),
      caFile: filePath(values, 'oidc-ca-file'),
    }),
  };
}

function requiredClaim(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals <= 0) throw invalidValue('oidc-required-claim', text, 'must be CLAIM=VALUE');
  return [text.slice(0, equals), text.slice(equals + 1)];
}
