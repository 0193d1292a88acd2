import { isStorageError, StorageError } from '@kcp/storage/errors';
import { createLog } from '../log/log.js';
import type { DataTask } from '../snapshot/data-task.js';
import { runDataTask } from '../snapshot/run-data-task.js';
import type { ProcessSurface } from './process-surface.js';

const OK = 0;
const FAILED = 1;
const INTERRUPTED = 130;
const PROGRESS_MS = 200;

class Interrupted extends Error {}

/** Does what was asked with data, shows on a terminal how far it is, and can be interrupted. Resolves with the exit code. */
export async function runData(task: DataTask, surface: ProcessSurface): Promise<number> {
  const abort = new AbortController();
  const leave = surface.onStopSignal(() => abort.abort(new Interrupted()));
  const log = createLog({ format: 'text', verbosity: 0, write: (line) => surface.err(line), now: () => surface.now() });
  const progress = shown(surface);
  try {
    const told = await runDataTask(task, { log, signal: abort.signal, progress: progress.tell });
    progress.end();
    surface.out(`${told}\n`);
    return OK;
  } catch (error) {
    progress.end();
    if (error instanceof Interrupted) {
      surface.err('kcp: interrupted, nothing was left half done\n');
      return INTERRUPTED;
    }
    surface.err(`kcp: ${faultOf(error)}\n`);
    return FAILED;
  } finally {
    leave();
  }
}

function faultOf(error: unknown): string {
  if (isStorageError(error, 'exists') && error.key !== undefined) return `${error.key} is there already`;
  if (error instanceof StorageError || error instanceof Error) return error.message.split('\n', 1)[0] ?? '';
  return String(error);
}

/** One line that is written over again, on a terminal only. */
function shown(surface: ProcessSurface): { tell(objects: number): void; end(): void } {
  let last = 0;
  let began = false;
  return {
    tell(objects) {
      if (surface.terminal !== true || surface.now() - last < PROGRESS_MS) return;
      last = surface.now();
      began = true;
      surface.err(`\r${objects} objects`);
    },
    end() {
      if (began) surface.err('\n');
      began = false;
    },
  };
}
