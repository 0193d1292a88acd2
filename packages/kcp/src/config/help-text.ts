import { type FlagSpec, START_FLAGS } from './flag-table.js';

const COLUMN = 34;

/** What `kcp help` prints. */
export function helpText(topic: 'kcp' | 'start'): string {
  return topic === 'kcp' ? PROGRAM : startHelp();
}

const PROGRAM = `kcp is a minimal Kubernetes API server with logical clusters.

Usage:
  kcp start [flags]    start the server
  kcp version          print the version
  kcp help [start]     print this text, or the flags of start
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

function line({ name, placeholder, help }: FlagSpec): string {
  const dashes = name.length === 1 ? '-' : '--';
  return `${padded(`  ${dashes}${name} ${placeholder}`)}${help}`;
}

function padded(text: string): string {
  return text.trimEnd().length < COLUMN ? text.trimEnd().padEnd(COLUMN) : `${text.trimEnd()}\n${' '.repeat(COLUMN)}`;
}
