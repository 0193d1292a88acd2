import type { FlagSpec } from 'kcp/config/flag-table';
import { parseCount, parseDuration } from 'kcp/config/flag-values';
import { invalidValue, UsageFault } from 'kcp/config/read-flags';
import type { Program, ProgramTable } from '../node/programs.js';

const NAME: FlagSpec = { name: 'name', kind: 'text', placeholder: 'NAME', help: 'the cluster that is meant' };
const ROOT: FlagSpec = {
  name: 'root-directory',
  kind: 'text',
  placeholder: 'DIR',
  help: 'where clusters are kept, each below clusters/NAME (default .kcp)',
};

export const START_FLAGS: readonly FlagSpec[] = [
  NAME,
  ROOT,
  { name: 'secure-port', kind: 'text', placeholder: 'PORT', help: 'port to listen on; 0 is any free one (default 0)' },
  { name: 'host', kind: 'text', placeholder: 'ADDRESS', help: 'address to listen on (default 127.0.0.1)' },
  { name: 'nodes', kind: 'text', placeholder: 'N', help: 'number of simulated nodes (default 2)' },
  { name: 'pod-start-delay', kind: 'text', placeholder: 'TIME', help: 'how long a pod takes to run (default 200ms)' },
  { name: 'node-grace', kind: 'text', placeholder: 'TIME', help: 'how long a node may be silent (default 40s)' },
  { name: 'persistent', kind: 'switch', placeholder: '', help: 'keep everything on disk, not in memory' },
  {
    name: 'programs',
    kind: 'text',
    placeholder: 'NAME=COMMAND,…',
    help: 'images and commands that are really run, and what is run for them',
  },
  {
    name: 'without-field',
    kind: 'text',
    placeholder: 'PATH,…',
    help: 'fields that this cluster does not know, such as pods.spec.ephemeralContainers',
  },
  { name: 'v', kind: 'text', placeholder: 'LEVEL', help: 'how much is logged, 0 to 10 (default 0)' },
];

export const TARGET_FLAGS: readonly FlagSpec[] = [NAME, ROOT];

/** Where one cluster is. */
export interface Place {
  readonly name: string;
  readonly directory: string;
}

const DEFAULT_ROOT = '.kcp';
const CLUSTER_NAME = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/;
const NODES_MAX = 1_000;
const PORT_MAX = 65_535;
const VERBOSITY_MAX = 10;

/** Throws UsageFault. */
export function placeOf(values: ReadonlyMap<string, string>): Place {
  const name = values.get('name');
  if (name === undefined) throw new UsageFault('which cluster? name it with --name');
  if (!CLUSTER_NAME.test(name)) throw invalidValue('name', name, 'must be lower-case letters, digits and dashes');
  return { name, directory: `${values.get('root-directory') ?? DEFAULT_ROOT}/clusters/${name}` };
}

/** What `start` is told, but for the place. Members that are absent are left to the cluster. Throws UsageFault. */
export function startSettings(values: ReadonlyMap<string, string>): {
  port: number;
  host?: string;
  nodes?: number;
  podStartDelayMs?: number;
  nodeGraceMs?: number;
  storage: 'memory' | 'disk';
  programs: ProgramTable;
  withoutFields: readonly string[];
  verbosity: number;
} {
  const [port, host, nodes] = [values.get('secure-port') ?? '0', values.get('host'), values.get('nodes')];
  const [delay, grace] = [values.get('pod-start-delay'), values.get('node-grace')];
  return {
    port: parseCount('secure-port', port, 0, PORT_MAX),
    ...(host === undefined ? {} : { host }),
    ...(nodes === undefined ? {} : { nodes: parseCount('nodes', nodes, 0, NODES_MAX) }),
    ...(delay === undefined
      ? {}
      : { podStartDelayMs: /^0m?s?$/.test(delay) ? 0 : parseDuration('pod-start-delay', delay) }),
    ...(grace === undefined ? {} : { nodeGraceMs: parseDuration('node-grace', grace) }),
    storage: values.get('persistent') === 'true' ? 'disk' : 'memory',
    programs: programTable(values.get('programs') ?? ''),
    withoutFields: (values.get('without-field') ?? '').split(',').filter((path) => path !== ''),
    verbosity: parseCount('v', values.get('v') ?? '0', 0, VERBOSITY_MAX),
  };
}

/** `syncer=node /x/syncer.mjs`: run for the image `syncer` and for the command `syncer`. */
function programTable(text: string): ProgramTable {
  const programs: Record<string, Program> = {};
  for (const part of text.split(',').filter((one) => one !== '')) {
    const at = part.indexOf('=');
    const command = part
      .slice(at + 1)
      .split(' ')
      .filter((word) => word !== '');
    if (at < 1 || command.length === 0) throw invalidValue('programs', part, 'must be NAME=COMMAND');
    programs[part.slice(0, at)] = { command };
  }
  return { images: programs, commands: programs };
}
