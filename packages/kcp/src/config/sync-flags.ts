import type { FlagSpec } from './flag-table.js';
import { parseCount } from './flag-values.js';
import { invalidValue, readFlags, UsageFault } from './read-flags.js';
import type { LogConfig } from './server-config.js';

/** Where a server is and who we are there. */
export interface Access {
  readonly kubeconfig: string;
  /** Another context than the current one. */
  readonly context: string | undefined;
}

export interface SyncerConfig {
  readonly from: Access;
  /** Undefined: the cluster that the program runs in. */
  readonly to: Access | undefined;
  /** The name of the physical cluster, as labels say it. */
  readonly location: string;
  readonly resources: readonly string[];
  readonly log: LogConfig;
}

export interface SplitterConfig {
  readonly server: Access;
  readonly log: LogConfig;
}

/** What a command line asks for. */
export type Asked<C> = { readonly kind: 'run'; readonly config: C } | { readonly kind: 'help'; readonly text: string };

const VERBOSITY_MAX = 10;
const RESOURCES = ['pods', 'deployments.apps'];
const RESOURCE = /^[a-z0-9-]+(\.[a-z0-9.-]+)?$/;
const LOCATION = /^[a-z0-9]([-a-z0-9.]{0,54}[a-z0-9])?$/;
const COLUMN = 28;

const text = (name: string, placeholder: string, help: string): FlagSpec => ({ name, kind: 'text', placeholder, help });
const LOG_FLAGS: readonly FlagSpec[] = [
  { name: 'v', kind: 'count', placeholder: 'LEVEL', help: 'how much the log tells, 0 to 10 (0)' },
  text('log-format', 'text|json', 'a log for people or for machines (text)'),
];
const SYNCER_FLAGS: readonly FlagSpec[] = [
  text('from-kubeconfig', 'FILE', 'where kcp is; the context says which logical cluster'),
  text('from-context', 'NAME', 'a context of it other than the current one'),
  text('to-kubeconfig', 'FILE', 'where the physical cluster is (the cluster that this runs in)'),
  text('to-context', 'NAME', 'a context of it other than the current one'),
  text('cluster', 'NAME', 'the name of the physical cluster, as the label kcp.dev/cluster says it'),
  ...LOG_FLAGS,
];
const SPLITTER_FLAGS: readonly FlagSpec[] = [
  text('kubeconfig', 'FILE', 'where kcp is; Deployments of all its logical clusters are split'),
  text('context', 'NAME', 'a context of it other than the current one'),
  ...LOG_FLAGS,
];

/** Throws UsageFault for what makes no sense. */
export function syncerConfig(args: readonly string[]): Asked<SyncerConfig> {
  const { values, help, rest } = readFlags(args, SYNCER_FLAGS, { go: true });
  if (help) return { kind: 'help', text: helpText('syncer', ' [RESOURCE…]', SYNCER_HELP, SYNCER_FLAGS) };
  const from = access(values, 'from-');
  if (from === undefined) throw new UsageFault('--from-kubeconfig is required');
  const to = access(values, 'to-');
  if (to === undefined && values.has('to-context')) throw new UsageFault('--to-context wants a --to-kubeconfig');
  const location = values.get('cluster');
  if (location === undefined) throw new UsageFault('--cluster is required');
  if (!LOCATION.test(location)) {
    throw invalidValue('cluster', location, 'must be 1 to 56 lower-case letters, digits, dashes and dots');
  }
  const wrong = rest.find((name) => !RESOURCE.test(name));
  if (wrong !== undefined)
    throw new UsageFault(`${JSON.stringify(wrong)} is no resource: name it as pods or deployments.apps`);
  const resources = rest.length === 0 ? RESOURCES : rest;
  return { kind: 'run', config: { from, to, location, resources, log: log(values) } };
}

/** Throws UsageFault for what makes no sense. */
export function splitterConfig(args: readonly string[]): Asked<SplitterConfig> {
  const { values, help, rest } = readFlags(args, SPLITTER_FLAGS, { go: true });
  if (help) return { kind: 'help', text: helpText('deployment-splitter', '', SPLITTER_HELP, SPLITTER_FLAGS) };
  if (rest[0] !== undefined) throw new UsageFault(`unexpected argument: ${rest[0]}`);
  const server = access(values, '');
  if (server === undefined) throw new UsageFault('--kubeconfig is required');
  return { kind: 'run', config: { server, log: log(values) } };
}

const SYNCER_HELP = `Syncs between kcp and one physical cluster until it is interrupted: what is labelled for the cluster goes down, its
status comes up. Resources are named as pods or deployments.apps; without any it is these two.`;
const SPLITTER_HELP = `Splits Deployments over the physical clusters that are Ready, until it is interrupted.`;

function access(values: ReadonlyMap<string, string>, prefix: string): Access | undefined {
  const kubeconfig = values.get(`${prefix}kubeconfig`);
  if (kubeconfig === '') throw invalidValue(`${prefix}kubeconfig`, '', 'must be a file');
  return kubeconfig === undefined ? undefined : { kubeconfig, context: values.get(`${prefix}context`) };
}

function log(values: ReadonlyMap<string, string>): LogConfig {
  const format = values.get('log-format') ?? 'text';
  if (format !== 'text' && format !== 'json') throw invalidValue('log-format', format, 'must be text or json');
  return { format, verbosity: parseCount('v', values.get('v') ?? '0', 0, VERBOSITY_MAX) };
}

function helpText(program: string, rest: string, what: string, flags: readonly FlagSpec[]): string {
  const lines = flags.map(({ name, placeholder, help }) => {
    const head = `  ${name.length === 1 ? '-' : '--'}${name} ${placeholder}`;
    return head.length < COLUMN ? `${head.padEnd(COLUMN)}${help}` : `${head}\n${' '.repeat(COLUMN)}${help}`;
  });
  return `${what}

Usage:
  ${program} [flags]${rest}

Flags (underscores and dashes in names are alike, defaults in brackets):
${lines.join('\n')}
${'  -h, --help'.padEnd(COLUMN)}print this text
`;
}
