import { readFileSync } from 'node:fs';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { OidcFlags } from '../config/server-config.js';

/** Names of users are not prefixed. */
const NO_PREFIX = '-';

/**
 * The AuthenticationConfiguration that the `--oidc-*` flags amount to, as upstream translates them. Throws what the
 * system says of the authority's file.
 */
export function legacyOidcConfiguration(flags: OidcFlags): JsonObject {
  const { issuerUrl, clientId, usernameClaim, usernamePrefix, groupsClaim, groupsPrefix, caFile, requiredClaims } =
    flags;
  const authority = caFile === undefined ? {} : { certificateAuthority: readFileSync(caFile, 'utf8') };
  const groups = groupsClaim === undefined ? {} : { groups: { claim: groupsClaim, prefix: groupsPrefix ?? '' } };
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: { url: issuerUrl, audiences: [clientId], ...authority },
        claimValidationRules: requiredClaims.map(([claim, requiredValue]) => ({ claim, requiredValue })),
        claimMappings: {
          username: { claim: usernameClaim, prefix: userPrefix(issuerUrl, usernameClaim, usernamePrefix) },
          ...groups,
        },
      },
    ],
  };
}

/** Without a word, everything but an address gets the issuer in front. */
function userPrefix(issuer: string, claim: string, prefix: string | undefined): string {
  if (prefix === NO_PREFIX) return '';
  return prefix ?? (claim === 'email' ? '' : `${issuer}#`);
}
