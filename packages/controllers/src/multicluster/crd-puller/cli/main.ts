import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeYaml } from '@kcp/apimachinery/codec/write-yaml';
import type { Clock } from '@kcp/client/clock';
import { loadKubeconfig } from '@kcp/client/kubeconfig/load-kubeconfig';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import type { ServedKind } from '../discover-kinds.js';
import { isOfEveryServer } from '../kinds-of-every-server.js';
import { pullDefinitions } from '../pull-definitions.js';

/** What the program has of the world. */
export interface PullerSurface {
  readonly clock: Clock;
  /** The directory that files are written to, unless the command line names one. */
  readonly directory: string;
  out(text: string): void;
  err(text: string): void;
}

const OK = 0;
const FAILED = 1;
const USAGE = 2;
const HELP = `crd-puller writes definitions of the kinds that a cluster serves, one file each.

  crd-puller [--kubeconfig FILE] [--context NAME] [--output-directory DIR] [RESOURCE…]

A RESOURCE is named as pods or deployments.apps; without any, all are written that kcp does not have anyway.
Files are called PLURAL.GROUP.yaml, those of the core group PLURAL.yaml.
`;

interface Arguments {
  readonly kubeconfig: string;
  readonly context: string | undefined;
  readonly directory: string;
  readonly resources: readonly string[];
}

/** The command line of crd-puller: resolves with the exit code. */
export async function main(args: readonly string[], surface: PullerSurface): Promise<number> {
  if (args.some((arg) => arg === '--help' || arg === '-h' || arg === 'help')) {
    surface.out(HELP);
    return OK;
  }
  const parsed = parse(args, surface.directory);
  if (typeof parsed === 'string') {
    surface.err(`crd-puller: ${parsed} (see crd-puller --help)\n`);
    return USAGE;
  }
  try {
    return await pull(parsed, surface);
  } catch (error) {
    surface.err(`crd-puller: ${error instanceof Error ? error.message : String(error)}\n`);
    return FAILED;
  }
}

async function pull({ kubeconfig, context, directory, resources }: Arguments, surface: PullerSurface): Promise<number> {
  const transport = new HttpsTransport(await loadKubeconfig(kubeconfig, context));
  const client = new Client({ transport, clock: surface.clock, random: Math.random, userAgent: 'crd-puller' });
  try {
    const named = resources.length > 0;
    const { pulled, unknown, missing } = await pullDefinitions(client, {
      resources,
      skip: named ? () => false : isOfEveryServer,
    });
    for (const { kind, definition } of pulled) {
      const file = fileName(kind);
      writeFileSync(join(directory, file), writeYaml(definition));
      surface.out(`${file}\n`);
    }
    for (const kind of unknown)
      surface.err(`crd-puller: the cluster publishes no schema of ${kind.plural}.${kind.group}\n`);
    for (const name of missing) surface.err(`crd-puller: the cluster does not serve ${name}\n`);
    return missing.length > 0 ? FAILED : OK;
  } finally {
    await transport.close();
  }
}

/** `deployments.apps.yaml`, and `pods.yaml` for the core group. */
export function fileName({ plural, group }: Pick<ServedKind, 'plural' | 'group'>): string {
  return group === '' ? `${plural}.yaml` : `${plural}.${group}.yaml`;
}

const FLAGS = ['kubeconfig', 'context', 'output-directory'] as const;

/** What is wrong with the arguments as a text, or the arguments. */
function parse(args: readonly string[], directory: string): Arguments | string {
  const values = new Map<string, string>();
  const resources: string[] = [];
  const rest = [...args].reverse();
  for (let arg = rest.pop(); arg !== undefined; arg = rest.pop()) {
    const [, flag = '', inline] = /^--?([\w-]+)(?:=(.*))?$/.exec(arg) ?? [];
    const name = FLAGS.find((one) => one === flag.replaceAll('_', '-'));
    if (!arg.startsWith('-')) resources.push(arg);
    else if (name === undefined) return `unknown flag: ${arg}`;
    else {
      const value = inline ?? rest.pop();
      if (value === undefined) return `flag needs an argument: --${name}`;
      values.set(name, value);
    }
  }
  return {
    kubeconfig: values.get('kubeconfig') ?? '.kubeconfig',
    context: values.get('context'),
    directory: values.get('output-directory') ?? directory,
    resources,
  };
}
