import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAuthenticationConfiguration } from '@kcp/apiserver/authn/oidc/authentication-configuration';
import { oidcFlags } from '../config/oidc-flags.js';
import { legacyOidcConfiguration } from './legacy-oidc.js';

function userOf(flags: Record<string, string>, claims: Record<string, string>) {
  const read = oidcFlags(
    new Map(Object.entries({ 'oidc-issuer-url': 'https://i', 'oidc-client-id': 'kcp', ...flags })),
  );
  assert.ok(read !== undefined);
  const { issuers } = parseAuthenticationConfiguration(legacyOidcConfiguration(read), []);
  return issuers[0]?.userOf(claims);
}

test('the flags for one issuer name users as they do in Kubernetes', () => {
  assert.equal(userOf({}, { sub: 'ann' })?.name, 'https://i#ann');
  assert.equal(userOf({ 'oidc-username-prefix': '-' }, { sub: 'ann' })?.name, 'ann');
  assert.equal(userOf({ 'oidc-username-claim': 'email' }, { email: 'a@b' })?.name, 'a@b');
  const flags = { 'oidc-groups-claim': 'roles', 'oidc-groups-prefix': 'o:', 'oidc-required-claim': 'hd=x' };
  assert.deepEqual(userOf(flags, { sub: 'ann', roles: 'crew', hd: 'x' })?.groups, ['o:crew']);
  assert.throws(() => userOf(flags, { sub: 'ann', hd: 'y' }), { name: 'TokenFault' });
});
