import { CLUSTER_CONTROLLER_FLAGS, CONTROLLERS_FLAGS, DATA_FLAGS, type FlagSpec, START_FLAGS } from './flag-table.js';
import type { HelpTopic } from './parse-command-line.js';

const COLUMN = 34;

/** What `kcp help` prints. */
export function helpText(topic: HelpTopic): string {
  switch (topic) {
    case 'kcp':
      return PROGRAM;
    case 'start':
      return startHelp();
    case 'controllers':
      return controllersHelp();
    case 'data':
      return dataHelp();
  }
}

const PROGRAM = `kcp is a minimal Kubernetes API server with logical clusters.

Usage:
  kcp start [flags]    start the server
  kcp controllers      run the controllers of a server elsewhere (kcp start --controllers=false)
  kcp snapshot         save, restore or verify a copy of all data
  kcp migrate          copy all data from an embedded store to etcd, or back
  kcp export, import   copy one logical cluster to a file, and back under any name
  kcp version          print the version
  kcp help [command]   print this text, or the flags of start or controllers
`;

function startHelp(): string {
  return `Starts the server and serves until it is interrupted.

Usage:
  kcp start [flags]

Flags (underscores and dashes in names are alike, defaults in brackets):
${START_FLAGS.map(line).join('\n')}
${padded('  -h, --help')}print this text
`;
}

function controllersHelp(): string {
  return `Runs the controllers of a server elsewhere until it is interrupted.

Usage:
  kcp controllers --kubeconfig FILE [flags]

Flags (underscores and dashes in names are alike, defaults in brackets):
${CONTROLLERS_FLAGS.map(line).join('\n')}
${padded('  -h, --help')}print this text
`;
}

/** What `cluster-controller --help` prints. */
export function clusterControllerHelp(): string {
  return `Connects physical clusters to a server: learns and negotiates their APIs, has objects synced to them.

Usage:
  cluster-controller --kubeconfig FILE [flags] [RESOURCE...]

Resources are those to import and to sync (pods deployments.apps).

Flags (underscores and dashes in names are alike, defaults in brackets):
${CLUSTER_CONTROLLER_FLAGS.map(line).join('\n')}
${padded('  -h, --help')}print this text

Without --pull-mode or --push-mode syncers are pulled; with --pull-mode=false somebody else runs them.
`;
}

function dataHelp(): string {
  return `Works on the data of a server: of an embedded store, unless an etcd is named.

Usage:
  kcp snapshot save FILE [flags]       write a copy of all data; the server may run
  kcp snapshot restore FILE [flags]    fill an empty data directory or etcd prefix from it
  kcp snapshot verify FILE             see whether a copy is whole
  kcp migrate --to etcd|embedded [flags]
  kcp export CLUSTER FILE [flags]      write one logical cluster; the server may run
  kcp import CLUSTER FILE [flags]      make a new logical cluster from it; no embedded server may run

Flags:
${DATA_FLAGS.map(line).join('\n')}
${padded('  -h, --help')}print this text
`;
}

function line({ name, placeholder, help }: FlagSpec): string {
  const dashes = name.length === 1 ? '-' : '--';
  return `${padded(`  ${dashes}${name} ${placeholder}`)}${help}`;
}

function padded(text: string): string {
  return text.trimEnd().length < COLUMN ? text.trimEnd().padEnd(COLUMN) : `${text.trimEnd()}\n${' '.repeat(COLUMN)}`;
}
