import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { keyPairFault } from './key-pair.js';

const { privateKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n';

// The texts are those of Go's crypto/tls, as a real server sends them in its warnings.
test('what is no certificate or no key is named', () => {
  assert.equal(keyPairFault('', ''), 'tls: failed to find any PEM data in certificate input');
  assert.match(String(keyPairFault(privateKey, CERTIFICATE)), /PEM inputs may have been switched$/);
  assert.equal(keyPairFault(CERTIFICATE, 'x'), 'tls: failed to find any PEM data in key input');
  assert.match(String(keyPairFault(CERTIFICATE, CERTIFICATE)), /^tls: found a certificate rather than a key/);
  assert.equal(keyPairFault(CERTIFICATE, privateKey), 'x509: malformed certificate');
});
