import type { Clock } from '@kcp/apiserver/clock';
import type { Log } from '../log/log.js';
import type { AssembledServer } from './assemble-server.js';

/** Controllers at work. */
export interface RunningControllers {
  stop(): Promise<void>;
}

/** Starts the controllers of a server. */
export async function startControllers(
  _server: AssembledServer,
  _log: Log,
  _clock: Clock,
): Promise<RunningControllers> {
  return { stop: async () => {} };
}
