import type { DataTask } from '../snapshot/data-task.js';
import { dataTask, isDataCommand } from './data-tasks.js';
import { CONTROLLERS_FLAGS, START_FLAGS } from './flag-table.js';
import { readFlags, UsageFault } from './read-flags.js';
import type { ControllersConfig, ServerConfig } from './server-config.js';
import { controllersConfig, startConfig } from './start-config.js';

export type HelpTopic = 'kcp' | 'start' | 'controllers' | 'data';

/** What the user asks the program to do. */
export type Command =
  | { readonly kind: 'start'; readonly config: ServerConfig }
  | { readonly kind: 'controllers'; readonly config: ControllersConfig }
  | { readonly kind: 'data'; readonly task: DataTask }
  | { readonly kind: 'help'; readonly topic: HelpTopic }
  | { readonly kind: 'version' }
  /** The command line makes no sense; `message` is one line. */
  | { readonly kind: 'fault'; readonly message: string };

const HELP: Command = { kind: 'help', topic: 'kcp' };

/** Understands the arguments after the program's name. Reads nothing else and never throws for what a user types. */
export function parseCommandLine(args: readonly string[]): Command {
  try {
    return parse(args);
  } catch (error) {
    if (error instanceof UsageFault) return { kind: 'fault', message: error.message };
    throw error;
  }
}

function parse([command, ...rest]: readonly string[]): Command {
  switch (command) {
    case undefined:
    case '--help':
    case '-h':
      return HELP;
    case 'help':
      return helpOn(rest);
    case 'version':
    case '--version':
      if (rest[0] !== undefined) throw new UsageFault(`unexpected argument: ${rest[0]}`);
      return { kind: 'version' };
    case 'start':
      return start(rest);
    case 'controllers':
      return controllers(rest);
    default:
      if (isDataCommand(command)) {
        const task = dataTask(command, rest);
        return task === undefined ? { kind: 'help', topic: 'data' } : { kind: 'data', task };
      }
      throw new UsageFault(`unknown ${command.startsWith('-') ? 'flag' : 'command'}: ${command}`);
  }
}

function helpOn([topic]: readonly string[]): Command {
  if (topic === undefined) return HELP;
  if (topic === 'start' || topic === 'controllers') return { kind: 'help', topic };
  if (isDataCommand(topic)) return { kind: 'help', topic: 'data' };
  throw new UsageFault(`no help on ${topic}`);
}

function start(args: readonly string[]): Command {
  const { values, help } = readFlags(args, START_FLAGS);
  return help ? { kind: 'help', topic: 'start' } : { kind: 'start', config: startConfig(values) };
}

function controllers(args: readonly string[]): Command {
  const { values, help } = readFlags(args, CONTROLLERS_FLAGS);
  return help ? { kind: 'help', topic: 'controllers' } : { kind: 'controllers', config: controllersConfig(values) };
}
