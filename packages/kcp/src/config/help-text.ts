import { CONTROLLERS_FLAGS, DATA_FLAGS, type FlagSpec, START_FLAGS } from './flag-table.js';
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
  const available = START_FLAGS.filter((spec) => !spec.unavailable);
  const later = START_FLAGS.filter((spec) => spec.unavailable);
  return `Starts the server and serves until it is interrupted.

Usage:
  kcp start [flags]

Flags (underscores and dashes in names are alike, defaults in brackets):
${available.map(line).join('\n')}
${padded('  -h, --help')}print this text

Not supported yet:
${later.map(line).join('\n')}
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
