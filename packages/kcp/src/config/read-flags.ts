import type { FlagSpec } from './flag-table.js';

/** Something is wrong with the command line; the message is one line for the user. */
export class UsageFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageFault';
  }
}

export interface ReadFlags {
  /** Raw values by flag name; the last of several counts, lists add up. A switch is `true` or `false`. */
  readonly values: ReadonlyMap<string, string>;
  readonly help: boolean;
  /** What is no flag, where that is allowed. */
  readonly rest: readonly string[];
}

/** How a command line is written. */
export interface FlagStyle {
  /** Words that are no flags are arguments, and long flags may have one dash, as those of Go's `flag` package. */
  readonly go?: boolean;
}

const ARGUMENTS_MAX = 1_000;
const SWITCH_WORDS: Readonly<Record<string, string>> = {
  true: 'true',
  t: 'true',
  '1': 'true',
  false: 'false',
  f: 'false',
  '0': 'false',
};

/**
 * Reads `--flag value`, `--flag=value`, `--switch`, `--switch=false` and `-v value`, `-v=value`, `-v4`. Underscores in
 * names are dashes. Throws UsageFault for what is no flag of `specs`, lacks its value, or has nothing behind it yet.
 */
export function readFlags(
  args: readonly string[],
  specs: readonly FlagSpec[],
  { go = false }: FlagStyle = {},
): ReadFlags {
  if (args.length > ARGUMENTS_MAX) throw new UsageFault(`too many arguments: ${args.length}`);
  const values = new Map<string, string>();
  const words: string[] = [];
  const rest = [...args].reverse();
  for (let arg = rest.pop(); arg !== undefined; arg = rest.pop()) {
    if (arg === '--help' || arg === '-h' || (go && arg === '-help')) return { values, help: true, rest: words };
    if (go && !arg.startsWith('-')) {
      words.push(arg);
      continue;
    }
    const { name, inline } = splitFlag(arg, go);
    const spec = specs.find((one) => one.name === name);
    if (spec === undefined) throw new UsageFault(`unknown flag: ${arg.split('=')[0]}`);
    const value = flagValue(spec, inline, rest);
    const before = spec.kind === 'list' ? values.get(name) : undefined;
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return { values, help: false, rest: words };
}

function splitFlag(arg: string, go: boolean): { name: string; inline: string | undefined } {
  if (/^-v\d+$/.test(arg)) return { name: 'v', inline: arg.slice(2) };
  const long = (arg.startsWith('--') && arg.length > 2) || (go && arg.length > 1);
  if (!long && !/^-v(=|$)/.test(arg)) throw new UsageFault(`unexpected argument: ${arg}`);
  const equals = arg.indexOf('=');
  const name = equals < 0 ? arg : arg.slice(0, equals);
  return {
    name: name.replace(/^--?/, '').replaceAll('_', '-'),
    inline: equals < 0 ? undefined : arg.slice(equals + 1),
  };
}

function flagValue(spec: FlagSpec, inline: string | undefined, rest: string[]): string {
  if (spec.kind === 'switch') return switchValue(spec, inline);
  const value = inline ?? rest.pop();
  if (value === undefined) throw new UsageFault(`flag needs an argument: --${spec.name}`);
  return value;
}

function switchValue(spec: FlagSpec, inline: string | undefined): string {
  if (inline === undefined) return 'true';
  const word = inline.toLowerCase();
  const value = Object.hasOwn(SWITCH_WORDS, word) ? SWITCH_WORDS[word] : undefined;
  if (value === undefined) throw invalidValue(spec.name, inline, 'must be true or false');
  return value;
}

export function invalidValue(name: string, value: string, why: string): UsageFault {
  return new UsageFault(`invalid value ${JSON.stringify(value)} for --${name}: ${why}`);
}
