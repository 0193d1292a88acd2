import type { KeyPair } from '../certificates/issue-certificate.js';

/** What a kubeconfig says. All clusters are one server, all users one client certificate. */
export interface KubeconfigPlan {
  readonly trusted: string;
  readonly client: KeyPair;
  readonly serverName: string | undefined;
  /** URLs by cluster name. */
  readonly clusters: Readonly<Record<string, string>>;
  readonly users: readonly string[];
  /** Cluster and user by context name. */
  readonly contexts: Readonly<Record<string, readonly [cluster: string, user: string]>>;
  readonly currentContext: string;
}

/**
 * A kubeconfig in YAML, in the order in which kubectl writes it. Certificates are embedded, so that the file works
 * wherever it is copied to.
 */
export function kubeconfigText(plan: KubeconfigPlan): string {
  const lines = [
    'apiVersion: v1',
    'clusters:',
    ...Object.entries(plan.clusters).flatMap(([name, url]) => cluster(plan, name, url)),
    'contexts:',
    ...Object.entries(plan.contexts).flatMap(([name, [clusterName, user]]) => context(name, clusterName, user)),
    `current-context: ${quoted(plan.currentContext)}`,
    'kind: Config',
    'preferences: {}',
    'users:',
    ...plan.users.flatMap((name) => user(plan.client, name)),
  ];
  return `${lines.join('\n')}\n`;
}

function cluster({ trusted, serverName }: KubeconfigPlan, name: string, url: string): readonly string[] {
  return [
    '- cluster:',
    `    certificate-authority-data: ${base64(trusted)}`,
    `    server: ${quoted(url)}`,
    ...(serverName === undefined ? [] : [`    tls-server-name: ${JSON.stringify(serverName)}`]),
    `  name: ${quoted(name)}`,
  ];
}

function context(name: string, clusterName: string, userName: string): readonly string[] {
  return [
    '- context:',
    `    cluster: ${quoted(clusterName)}`,
    `    user: ${quoted(userName)}`,
    `  name: ${quoted(name)}`,
  ];
}

function user({ certificate, key }: KeyPair, name: string): readonly string[] {
  return [
    `- name: ${quoted(name)}`,
    '  user:',
    `    client-certificate-data: ${base64(certificate)}`,
    `    client-key-data: ${base64(key)}`,
  ];
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** A string of YAML; JSON's way of quoting is also YAML's. Words and URLs stand bare, as kubectl writes them. */
function quoted(text: string): string {
  return /^(?:[a-z][a-z-]*|https:\/\/[a-z][a-z0-9.-]*:\d+(?:\/[a-z/]+)?)$/.test(text) ? text : JSON.stringify(text);
}
