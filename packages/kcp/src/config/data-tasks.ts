import { parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { DataTask, Place } from '../snapshot/data-task.js';
import { etcdConfig } from './etcd-flags.js';
import { DATA_FLAGS } from './flag-table.js';
import { filePath } from './flag-values.js';
import { readFlags, UsageFault } from './read-flags.js';
import { DEFAULT_CONFIG } from './server-config.js';

type Values = ReadonlyMap<string, string>;

export const DATA_COMMANDS = ['snapshot', 'migrate', 'export', 'import'] as const;
export type DataCommand = (typeof DATA_COMMANDS)[number];

export function isDataCommand(text: string): text is DataCommand {
  return (DATA_COMMANDS as readonly string[]).includes(text);
}

/** Understands `kcp snapshot …` and its like; undefined: the user wants help. Throws UsageFault. */
export function dataTask(command: DataCommand, args: readonly string[]): DataTask | undefined {
  const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
  const words = firstFlag < 0 ? args : args.slice(0, firstFlag);
  const { values, help } = readFlags(args.slice(words.length), DATA_FLAGS);
  if (help) return undefined;
  if (command === 'migrate') return migrate(words, values);
  if (values.has('to')) throw new UsageFault('--to is a flag of kcp migrate');
  return command === 'snapshot' ? snapshot(words, values) : oneCluster(command, words, values);
}

function snapshot([verb = '', ...rest]: readonly string[], values: Values): DataTask {
  const file = onlyWord(rest, `kcp snapshot ${verb} FILE`);
  if (verb === 'verify') return { kind: 'verify', file };
  if (verb === 'save' || verb === 'restore') return { kind: verb, file, place: placeOf(values) };
  throw new UsageFault('kcp snapshot wants save, restore or verify');
}

function migrate(words: readonly string[], values: Values): DataTask {
  const etcd = etcdConfig(values);
  const target = values.get('to');
  if (words[0] !== undefined) throw new UsageFault(`unexpected argument: ${words[0]}`);
  if (etcd === undefined || (target !== 'etcd' && target !== 'embedded')) {
    throw new UsageFault('kcp migrate wants --etcd-servers and --to etcd or --to embedded');
  }
  const places: [Place, Place] = [embedded(values), { kind: 'etcd', etcd }];
  const [from, to] = target === 'etcd' ? places : [places[1], places[0]];
  return { kind: 'migrate', from, to };
}

function oneCluster(kind: 'export' | 'import', [name = '', ...rest]: readonly string[], values: Values): DataTask {
  const file = onlyWord(rest, `kcp ${kind} CLUSTER FILE`);
  const cluster = parseClusterName(name);
  if (cluster === undefined) throw new UsageFault(`${JSON.stringify(name)} is no name of a logical cluster`);
  return { kind, cluster, file, place: placeOf(values) };
}

function onlyWord([word, ...more]: readonly string[], usage: string): string {
  if (word === undefined || word === '' || more.length > 0) throw new UsageFault(`use it as ${usage} [flags]`);
  return word;
}

function placeOf(values: Values): Place {
  const etcd = etcdConfig(values);
  return etcd === undefined ? embedded(values) : { kind: 'etcd', etcd };
}

function embedded(values: Values): Place {
  return { kind: 'embedded', rootDirectory: filePath(values, 'root-directory') ?? DEFAULT_CONFIG.rootDirectory };
}
