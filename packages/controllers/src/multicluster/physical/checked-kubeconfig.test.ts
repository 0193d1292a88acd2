import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkKubeconfig, KubeconfigRefusal } from './checked-kubeconfig.js';

const NOW = Date.UTC(2026, 0, 1);

interface Parts {
  readonly cluster?: string;
  readonly user?: string;
}

/** A kubeconfig with these members in its one cluster and its one user. */
function kubeconfig({ cluster = 'server: https://10.0.0.1:6443', user = 'token: secret' }: Parts): string {
  return `
apiVersion: v1
kind: Config
current-context: there
contexts: [{name: there, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {${cluster}}}]
users: [{name: u, user: {${user}}}]
`;
}

function refusal(text: string): KubeconfigRefusal {
  try {
    checkKubeconfig(text, NOW);
  } catch (error) {
    if (error instanceof KubeconfigRefusal) return error;
    throw error;
  }
  return assert.fail('it was taken');
}

describe('the kubeconfig of a tenant', () => {
  test('is taken when it carries everything within itself', () => {
    const access = checkKubeconfig(kubeconfig({}), NOW);
    assert.equal(access.server, 'https://10.0.0.1:6443');
    assert.equal(access.token, 'secret');
  });

  const REFUSED: readonly (readonly [what: string, text: string, reason: string, message: RegExp])[] = [
    ['a word', 'hello', 'InvalidKubeConfig', /must be an object/],
    ['no YAML', '{', 'InvalidKubeConfig', /yaml/],
    ['a bomb', `a: &a [${'x,'.repeat(10)}]\n${'b: [*a,*a]\n'.repeat(1)}`, 'InvalidKubeConfig', /context/],
    ['too much', 'x'.repeat(262_145), 'InvalidKubeConfig', /longer than/],
    ['no context', 'kind: Config', 'InvalidKubeConfig', /no context is current/],
    ['a program', kubeconfig({ user: 'exec: {command: touch}' }), 'InvalidKubeConfig', /would run a program here/],
    ['a plugin', kubeconfig({ user: 'auth-provider: {name: gcp}' }), 'InvalidKubeConfig', /auth-provider/],
    ['a token file', kubeconfig({ user: 'tokenFile: /etc/passwd' }), 'InvalidKubeConfig', /"\/etc\/passwd"/],
    ['a certificate file', kubeconfig({ user: 'client-certificate: ../x' }), 'InvalidKubeConfig', /"\.\.\/x"/],
    ['a key file', kubeconfig({ user: 'client-key: /root/key' }), 'InvalidKubeConfig', /"\/root\/key"/],
    [
      'an authority file',
      kubeconfig({ cluster: 'server: https://x, certificate-authority: /etc/ca' }),
      'InvalidKubeConfig',
      /"\/etc\/ca"/,
    ],
    ['no TLS', kubeconfig({ cluster: 'server: http://x' }), 'InvalidKubeConfig', /https/],
    ['a file as a server', kubeconfig({ cluster: 'server: file:///etc/passwd' }), 'InvalidKubeConfig', /https/],
    ['no URL', kubeconfig({ cluster: 'server: "::"' }), 'InvalidKubeConfig', /URL/],
    ['credentials in the URL', kubeconfig({ cluster: 'server: https://a:b@x' }), 'InvalidKubeConfig', /credentials/],
    ['a proxy', kubeconfig({ cluster: 'server: https://x, proxy-url: http://y' }), 'InvalidKubeConfig', /proxy-url/],
    [
      'an authority that is none',
      kubeconfig({ cluster: 'server: https://x, certificate-authority-data: aGVsbG8=' }),
      'ErrorCreatingClient',
      /certificate-authority-data is no PEM/,
    ],
    [
      'a certificate without its key',
      kubeconfig({ user: 'client-certificate-data: aGVsbG8=' }),
      'ErrorCreatingClient',
      /belong together/,
    ],
    [
      'a certificate that is none',
      kubeconfig({ user: 'client-certificate-data: aGVsbG8=, client-key-data: aGVsbG8=' }),
      'ErrorCreatingClient',
      /client-certificate-data is no PEM/,
    ],
  ];
  for (const [what, text, reason, message] of REFUSED) {
    test(`is refused with ${what}`, () => {
      const error = refusal(text);
      assert.equal(error.reason, reason);
      assert.match(error.message, message);
    });
  }

  test('is refused for a program even of a user who is not current', () => {
    const text = kubeconfig({}).replace('users: [', 'users: [{name: other, user: {exec: {command: touch}}}, ');
    assert.match(refusal(text).message, /"other" logs in with exec/);
  });
});
