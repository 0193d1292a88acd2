import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { systemClock } from '@kcp/apiserver/clock';
import { parseKubeconfig } from '@kcp/client/kubeconfig/parse-kubeconfig';
import { resolveContext } from '@kcp/client/kubeconfig/resolve-context';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import { type Kcp, startKcp } from '../index.js';
import { awaitObject } from '../testing/await-object.js';

const REQUESTS = { group: 'certificates.k8s.io', version: 'v1', resource: 'certificatesigningrequests' };
const WHO = { group: 'authentication.k8s.io', version: 'v1', resource: 'selfsubjectreviews' };
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const KUBELET_SIGNER = `${CLIENT_SIGNER}-kubelet`;

const statusOf = (request: KubeObject | undefined) => readObject(request ?? {}, 'status') ?? {};
const certificateOf = (request: KubeObject | undefined) => readString(statusOf(request), 'certificate');
const conditionOf = (request: KubeObject | undefined, type: string) =>
  readObjects(statusOf(request), 'conditions').find((condition) => condition.type === type);

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const skip = hasOpenssl ? false : 'openssl is not installed';

describe('a certificate that is asked for through the API', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-requests-'));
  let kcp: Kcp;
  let admin: Client;
  before(async () => {
    kcp = await startKcp({ storage: 'memory', listen: { port: 0 } });
    admin = kcp.cluster('team-a');
  });
  after(async () => {
    await kcp.stop();
    rmSync(folder, { recursive: true });
  });

  const file = (name: string) => join(folder, name);

  function pkcs10(subject: string): string {
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', file('key.pem')];
    execFileSync('openssl', ['req', '-new', '-nodes', ...made, '-subj', subject, '-out', file('request.pem')], {
      stdio: 'ignore',
    });
    return readFileSync(file('request.pem')).toString('base64');
  }

  function request(name: string, subject: string, more: KubeObject['metadata'] = {}): KubeObject {
    const spec = { signerName: CLIENT_SIGNER, usages: ['client auth'], request: pkcs10(subject), ...more };
    return { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name }, spec };
  }

  function approved(object: KubeObject): KubeObject {
    const condition = { type: 'Approved', status: 'True', reason: 'Test', message: 'a developer' };
    return { ...object, status: { conditions: [condition] } };
  }

  test('lets its owner in as whom it says, when it was approved', async () => {
    const made = await admin.create(REQUESTS, request('dev', '/O=devs/CN=dana', { expirationSeconds: 3600 }));
    await admin.update(REQUESTS, approved(made), { subresource: 'approval' });
    const { object } = await awaitObject(admin, REQUESTS, { name: 'dev' }, (found) => certificateOf(found) !== '');
    const certificate = Buffer.from(certificateOf(object), 'base64').toString();
    const { validFrom, validTo, keyUsage } = new X509Certificate(certificate);
    assert.equal(Date.parse(validTo) - Date.parse(validFrom), (3_600 + 300) * 1_000);
    assert.deepEqual(keyUsage, ['1.3.6.1.5.5.7.3.2']);
    assert.ok(kcp.kubeconfig !== undefined);
    const access = resolveContext(parseKubeconfig(parseYaml(kcp.kubeconfig).value), folder, 'admin');
    const key = readFileSync(file('key.pem'), 'utf8');
    const transport = new HttpsTransport({ ...access, certificate, key });
    const client = new Client({
      transport,
      scope: parseClusterName('team-a'),
      clock: systemClock,
      random: Math.random,
    });
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
    const { userInfo } = statusOf(await client.create(WHO, review));
    await transport.close();
    assert.deepEqual(readObject({ userInfo: userInfo ?? null }, 'userInfo')?.groups, ['devs', 'system:authenticated']);
    assert.equal(readString(readObject({ userInfo: userInfo ?? null }, 'userInfo') ?? {}, 'username'), 'dana');
  });

  test('is not issued for uses that no client has, and the request says so', async () => {
    const usages = ['client auth', 'server auth'];
    const made = await admin.create(REQUESTS, request('server', '/CN=dana', { usages }));
    await admin.update(REQUESTS, approved(made), { subresource: 'approval' });
    const failed = (found: KubeObject | undefined) => conditionOf(found, 'Failed') !== undefined;
    const { object } = await awaitObject(admin, REQUESTS, { name: 'server' }, failed);
    const { reason, message } = conditionOf(object, 'Failed') ?? {};
    assert.equal(reason, 'SignerValidationFailure');
    assert.equal(message, 'invalid usage for client certificate: server auth');
  });

  test('makes nobody a master', async () => {
    const refused = admin.create(REQUESTS, request('master', '/O=system:masters/CN=dana'));
    await assert.rejects(refused, {
      message:
        'certificatesigningrequests.certificates.k8s.io "master" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    });
  });

  test('of a kubelet is approved by itself for whoever may have it', async () => {
    const usages = ['client auth', 'digital signature'];
    await admin.create(
      REQUESTS,
      request('node', '/O=system:nodes/CN=system:node:n', { signerName: KUBELET_SIGNER, usages }),
    );
    const { object } = await awaitObject(admin, REQUESTS, { name: 'node' }, (found) => certificateOf(found) !== '');
    assert.equal(
      conditionOf(object, 'Approved')?.message,
      'Auto approving kubelet client certificate after SubjectAccessReview.',
    );
  });
});
