import type { FlagSpec } from './flag-table.js';
import { type ReadFlags, readFlags } from './read-flags.js';

export interface CommandArguments extends ReadFlags {
  /** What is no flag, in its order. */
  readonly positional: readonly string[];
}

/**
 * Reads the arguments of a program of its own, as the first kcp's programs took them: flags with one dash or two, and
 * names among them. Throws UsageFault.
 */
export function readCommandArguments(args: readonly string[], specs: readonly FlagSpec[]): CommandArguments {
  const flags: string[] = [];
  const positional: string[] = [];
  const rest = [...args].reverse();
  for (let arg = rest.pop(); arg !== undefined; arg = rest.pop()) {
    if (!arg.startsWith('-') || arg === '-') {
      positional.push(arg);
      continue;
    }
    const flag = /^-[a-z][\w-]/.test(arg) && !/^-v\d/.test(arg) ? `-${arg}` : arg;
    flags.push(flag);
    const name = flag.replace(/^--?/, '').replaceAll('_', '-');
    const takesValue = specs.some((spec) => spec.name === name && spec.kind !== 'switch');
    const value = takesValue ? rest.pop() : undefined;
    if (value !== undefined) flags.push(value);
  }
  return { ...readFlags(flags, specs), positional };
}
