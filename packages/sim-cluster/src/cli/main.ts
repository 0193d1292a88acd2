import type { ProcessSurface } from 'kcp/cli/process-surface';
import { readFlags, UsageFault } from 'kcp/config/read-flags';
import { placeOf, START_FLAGS, startSettings, TARGET_FLAGS } from './sim-flags.js';

const OK = 0;
const FAILED = 1;
const USAGE = 2;

const HELP = `sim-cluster starts stand-ins for Kubernetes clusters and makes things happen to them.

  sim-cluster start --name NAME      start a cluster; ends with SIGINT or SIGTERM
  sim-cluster away --name NAME       make it unreachable while it goes on inside
  sim-cluster back --name NAME       make it reachable again
  sim-cluster node-down NODE --name NAME   let a node fall silent with all its pods
  sim-cluster node-up NODE --name NAME     bring it back
  sim-cluster crash NAMESPACE/POD --name NAME   let the containers of a pod crash once

Flags of start:
${START_FLAGS.map((flag) => `  ${`--${flag.name}${flag.placeholder === '' ? '' : ` ${flag.placeholder}`}`.padEnd(28)} ${flag.help}`).join('\n')}
`;

/** The command line: understands `args` (after the program's name), does it, and resolves with the exit code. */
export async function main(args: readonly string[], surface: ProcessSurface): Promise<number> {
  try {
    return await dispatch(args, surface);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    surface.err(`sim-cluster: ${why.split('\n')[0]}${error instanceof UsageFault ? ' (see sim-cluster help)' : ''}\n`);
    return error instanceof UsageFault ? USAGE : FAILED;
  }
}

async function dispatch([command, ...rest]: readonly string[], surface: ProcessSurface): Promise<number> {
  switch (command) {
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      surface.out(HELP);
      return OK;
    case 'start': {
      const { values, help } = readFlags(rest, START_FLAGS);
      if (help) return dispatch(['help'], surface);
      const { runCluster } = await import('./run-cluster.js');
      return runCluster(placeOf(values), startSettings(values), surface);
    }
    case 'away':
    case 'back':
    case 'node-down':
    case 'node-up':
    case 'crash':
      return order(command, rest);
    default:
      throw new UsageFault(`unknown command: ${command}`);
  }
}

async function order(
  command: 'away' | 'back' | 'node-down' | 'node-up' | 'crash',
  rest: readonly string[],
): Promise<number> {
  const named = rest[0] !== undefined && !rest[0].startsWith('-');
  const { values } = readFlags(named ? rest.slice(1) : rest, TARGET_FLAGS);
  const place = placeOf(values);
  const { orderAway, orderCrash, orderNode } = await import('./orders.js');
  if (command === 'away' || command === 'back') {
    orderAway(place, command === 'away');
    return OK;
  }
  const target = named ? rest[0] : undefined;
  if (target === undefined) throw new UsageFault(`${command} needs to know which`);
  if (command === 'crash') await orderCrash(place, target);
  else await orderNode(place, target, command === 'node-down');
  return OK;
}
