// What a user does with kubectl, with every kubectl on the machine, in two logical clusters.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startKcp } from 'kcp';
import { findKubectls, Kubectl } from './kubectl.mjs';

const kubectls = findKubectls();
const folder = mkdtempSync(join(tmpdir(), 'kcp-kubectl-'));
let server;

before(async () => {
  server = await startKcp({ storage: 'memory', directory: folder, listen: { host: '127.0.0.1', port: 0 } });
});
after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

test('there is a kubectl', {
  skip: kubectls.length === 0 && !process.env.CI ? 'no kubectl on this machine' : false,
}, () => {
  assert.notEqual(kubectls.length, 0, 'CI must have a kubectl');
});

const yaml = (name, text) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

/** The server's kubeconfig with a token in place of the administrator's certificate. */
function withToken(name, token) {
  const config = readFileSync(server.kubeconfigFile, 'utf8');
  const identity = /client-certificate-data:[^\n]*\n(\s+)client-key-data:[^\n]*/;
  return yaml(name, config.replace(identity, `token: ${token}`));
}

const csr = makeRequest();
function makeRequest() {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null'];
  const { status, stdout } = spawnSync('openssl', ['req', '-new', ...key, '-subj', '/O=crew/CN=ann']);
  return status === 0 ? stdout.toString('base64') : undefined;
}
const signingRequest = (name) => `
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: ${name}}
spec: {request: ${csr}, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}
`;

const crd = (group) => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Color, type: string, jsonPath: .spec.color}
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
    schema:
      openAPIV3Schema:
        type: object
        description: A widget for the test.
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 1, description: How big the widget is.}
              color: {type: string, default: blue}
              replicas: {type: integer}
          status:
            type: object
            properties:
              replicas: {type: integer}
`;

for (const { version, path } of kubectls) {
  for (const cluster of ['', '/clusters/user']) {
    describe(`kubectl ${version} in ${cluster === '' ? 'admin' : 'user'}`, () => {
      const ns = `demo-${version.replace('.', '-')}`;
      const group = `v${version.replace('.', 'x')}.example.com`;
      let k;
      before(async () => {
        k = new Kubectl(path, server.kubeconfigFile, `${server.url}${cluster}`);
        await k.ok(['create', 'namespace', ns]);
      });

      test('lists the resources of a server without pods', async () => {
        const text = await k.ok(['api-resources']);
        for (const name of [
          'configmaps',
          'secrets',
          'namespaces',
          'customresourcedefinitions',
          'leases',
          'clusterroles',
        ])
          assert.match(text, new RegExp(name));
        assert.doesNotMatch(text, /^pods\s/m);
        const pods = await k.run(['get', 'pods']);
        assert.notEqual(pods.code, 0);
        assert.match(pods.stderr, /doesn't have a resource type "pods"/);
      });

      test('creates, reads, labels, annotates, patches and deletes a ConfigMap', async () => {
        await k.ok(['-n', ns, 'create', 'configmap', 'one', '--from-literal=a=1']);
        assert.match(await k.ok(['-n', ns, 'get', 'configmap', 'one']), /NAME\s+DATA\s+AGE\none\s+1\s/);
        await k.ok(['-n', ns, 'label', 'cm', 'one', 'tier=front']);
        await k.ok(['-n', ns, 'annotate', 'cm', 'one', 'note=hello']);
        await k.ok(['-n', ns, 'patch', 'cm', 'one', '-p', '{"data":{"b":"2"}}']);
        await k.ok(['-n', ns, 'patch', 'cm', 'one', '--type=merge', '-p', '{"data":{"c":"3"}}']);
        await k.ok(['-n', ns, 'patch', 'cm', 'one', '--type=json', '-p', '[{"op":"remove","path":"/data/a"}]']);
        const object = JSON.parse(await k.ok(['-n', ns, 'get', 'cm', 'one', '-o', 'json']));
        assert.deepEqual(object.data, { b: '2', c: '3' });
        assert.deepEqual([object.metadata.labels, object.metadata.annotations], [{ tier: 'front' }, { note: 'hello' }]);
        assert.match(await k.ok(['-n', ns, 'get', 'cm', '-l', 'tier=front', '-o', 'name']), /configmap\/one/);
        assert.match(await k.ok(['-n', ns, 'describe', 'cm', 'one']), /Labels:\s+tier=front/);
        await k.ok(['-n', ns, 'delete', 'cm', 'one']);
        assert.match((await k.run(['-n', ns, 'get', 'cm', 'one'])).stderr, /configmaps "one" not found/);
      });

      test('edits with the editor of the user', async () => {
        await k.ok(['-n', ns, 'create', 'configmap', 'edited', '--from-literal=a=before']);
        await k.ok(['-n', ns, 'edit', 'cm', 'edited'], { env: { KUBE_EDITOR: 'sed -i s/before/after/' } });
        assert.equal(await k.ok(['-n', ns, 'get', 'cm', 'edited', '-o', 'jsonpath={.data.a}']), 'after');
      });

      test('applies, shows the difference and replaces', async () => {
        const file = (value) =>
          yaml(
            `${ns}-apply.yaml`,
            `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied, namespace: ${ns}}\ndata: {a: "${value}"}\n`,
          );
        assert.match(await k.ok(['apply', '-f', file('1')]), /created/);
        assert.match(await k.ok(['apply', '-f', file('1')]), /unchanged/);
        assert.equal((await k.run(['diff', '-f', file('2')])).code, 1);
        assert.match(await k.ok(['apply', '-f', file('2')]), /configured/);
        assert.match(await k.ok(['replace', '-f', file('3')]), /replaced/);
        assert.match(
          await k.ok(['apply', '--server-side', '--force-conflicts', '-f', file('4')]),
          /serverside-applied/,
        );
        assert.equal(await k.ok(['-n', ns, 'get', 'cm', 'applied', '-o', 'jsonpath={.data.a}']), '4');
        const bad = yaml(
          `${ns}-bad.yaml`,
          `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad, namespace: ${ns}}\ndat: {a: "1"}\n`,
        );
        const refused = await k.run(['apply', '-f', bad]);
        assert.notEqual(refused.code, 0);
        assert.match(refused.stderr, /unknown field "dat"|dat/);
      });

      test('watches what changes', async () => {
        const watching = k.follow(['-n', ns, 'get', 'secrets', '-w', '-o', 'name']);
        await k.ok(['-n', ns, 'create', 'secret', 'generic', 'seen', '--from-literal=x=y']);
        await watching.until((text) => /secret\/seen/.test(text));
        watching.end();
        const one = k.follow(['-n', ns, 'get', 'secret', 'seen', '--watch-only', '-o', 'jsonpath={.metadata.labels}']);
        const relabel = setInterval(
          () => k.run(['-n', ns, 'label', '--overwrite', 'secret', 'seen', `at=t${Date.now()}`]),
          500,
        );
        await one.until((text) => /at/.test(text)).finally(() => clearInterval(relabel));
        one.end();
      });

      test('creates typed things and asks for rights', async () => {
        await k.ok(['-n', ns, 'create', 'serviceaccount', 'robot']);
        await k.ok(['-n', ns, 'create', 'role', 'reader', '--verb=get', '--resource=configmaps']);
        await k.ok(['-n', ns, 'create', 'rolebinding', 'reads', '--role=reader', `--serviceaccount=${ns}:robot`]);
        assert.match(await k.ok(['-n', ns, 'get', 'rolebinding', 'reads']), /Role\/reader/);
        assert.match(await k.ok(['auth', 'can-i', 'create', 'configmaps', '-n', ns]), /yes/);
        // 1.27 asks a beta version that no server of today has.
        if (version !== '1.27') assert.match(await k.ok(['auth', 'whoami', '-o', 'yaml']), /system:masters/);
        assert.match(await k.ok(['version']), /Server Version: .*v1\.36/);
      });

      test('lists what somebody may do, and makes tokens that others can use', async () => {
        const all = await k.ok(['auth', 'can-i', '--list']);
        assert.match(all, /^\*\.\*\s+\[\]\s+\[\]\s+\[\*\]/m);
        const token = (await k.ok(['-n', ns, 'create', 'token', 'robot', '--duration=15m'])).trim();
        const robot = new Kubectl(path, withToken(`${ns}.kubeconfig`, token), `${server.url}${cluster}`);
        assert.match(await robot.ok(['-n', ns, 'auth', 'can-i', '--list']), /configmaps\s+\[\]\s+\[\]\s+\[get\]/);
        const [may, mayNot] = await Promise.all([
          robot.run(['-n', ns, 'auth', 'can-i', 'get', 'configmaps']),
          robot.run(['-n', ns, 'auth', 'can-i', 'delete', 'configmaps']),
        ]);
        assert.deepEqual([may.stdout, mayNot.stdout, mayNot.code], ['yes\n', 'no\n', 1]);
        const refused = await robot.run(['-n', ns, 'get', 'secrets']);
        assert.match(
          refused.stderr,
          new RegExp(`User "system:serviceaccount:${ns}:robot" cannot list resource "secrets"`),
        );
        assert.match(await k.ok(['auth', 'can-i', '--list', '--as=nobody']), /selfsubjectaccessreviews/);
      });

      test('asks for a certificate, approves it and denies another', {
        skip: csr === undefined && 'no openssl',
      }, async () => {
        for (const name of [`${ns}-good`, `${ns}-bad`])
          await k.ok(['apply', '-f', '-'], { input: signingRequest(name) });
        await k.ok(['certificate', 'approve', `${ns}-good`]);
        await k.ok(['certificate', 'deny', `${ns}-bad`]);
        const issued = k.follow(['get', 'csr', `${ns}-good`, '-w', '-o', 'jsonpath={.status.certificate}']);
        await issued.until((text) => text !== '');
        issued.end();
        const text = await k.ok(['get', 'csr']);
        assert.match(text, new RegExp(`^${ns}-good .* Approved,Issued`, 'm'));
        assert.match(text, new RegExp(`^${ns}-bad .* Denied`, 'm'));
        const certificate = await k.ok(['get', 'csr', `${ns}-good`, '-o', 'jsonpath={.status.certificate}']);
        assert.match(Buffer.from(certificate, 'base64').toString(), /^-----BEGIN CERTIFICATE/);
        await k.ok(['delete', 'csr', `${ns}-good`, `${ns}-bad`]);
      });

      test('creates roles of the cluster and shows them', async () => {
        const name = `${group}-reader`;
        await k.ok(['create', 'clusterrole', name, '--verb=get,list', '--resource=secrets', '--resource-name=one']);
        await k.ok(['create', 'clusterrolebinding', name, `--clusterrole=${name}`, '--user=ann', '--group=crew']);
        assert.match(await k.ok(['describe', 'clusterrole', name]), /secrets\s+\[\]\s+\[one\]\s+\[get list\]/);
        assert.match(await k.ok(['describe', 'clusterrolebinding', name]), /User\s+ann\s+(\n\s*)?Group\s+crew/);
        assert.match((await k.run(['get', 'secrets', 'one', '--as=ann'])).stderr, /secrets "one" not found/);
        await k.ok(['delete', 'clusterrole,clusterrolebinding', name]);
      });

      test('explains types', async () => {
        assert.match(await k.ok(['explain', 'configmap']), /KIND:\s+ConfigMap/);
        assert.match(await k.ok(['explain', 'secret.stringData']), /map\[string\]string/);
      });

      test('defines a type and lives with its objects', async () => {
        await k.ok(['apply', '-f', '-'], { input: crd(group) });
        await k.ok(['wait', '--for=condition=Established', `crd/widgets.${group}`, '--timeout=10s']);
        const widget = (size) =>
          `apiVersion: ${group}/v1\nkind: Widget\nmetadata: {name: w, namespace: ${ns}}\nspec: {size: ${size}}\n`;
        assert.match(await k.ok(['apply', '-f', '-'], { input: widget(1) }), /created/);
        assert.match(await k.ok(['apply', '-f', '-'], { input: widget(2) }), /configured/);
        assert.match(await k.ok(['-n', ns, 'get', `widgets.${group}`]), /NAME\s+SIZE\s+COLOR\nw\s+2\s+blue/);
        const refused = await k.run(['apply', '-f', '-'], { input: widget(0) });
        assert.match(refused.stderr, /spec.size in body should be greater than or equal to 1/);
        await k.ok(['-n', ns, 'patch', `widgets.${group}`, 'w', '--type=merge', '-p', '{"spec":{"color":"red"}}']);
        await k.ok(['-n', ns, 'scale', `widgets.${group}/w`, '--replicas=3']);
        assert.equal(
          await k.ok(['-n', ns, 'get', `widgets.${group}`, 'w', '-o', 'jsonpath={.spec.color} {.spec.replicas}']),
          'red 3',
        );
        assert.match(await k.ok(['explain', `widgets.spec`, `--api-version=${group}/v1`]), /How big the widget is/);
        assert.match(await k.ok(['-n', ns, 'delete', `widgets.${group}`, 'w']), /deleted/);
        await k.ok(['delete', 'crd', `widgets.${group}`]);
      });

      test('deletes a namespace with what is in it', async () => {
        await k.ok(['delete', 'namespace', ns]);
        assert.match((await k.run(['get', 'namespace', ns])).stderr, /not found/);
      });
    });
  }
}
