import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** Shares of the memory that there is which are in use; 1: all of it. */
export interface MemoryReading {
  /** Of what V8 may take before it gives up. */
  readonly heap: number;
  /** Of what the process may take: its container's limit, or all that the machine has. Undefined: nobody knows. */
  readonly container: number | undefined;
}

/** A limit as high as this is none (the kernel writes "unlimited" as nearly 2^63). */
const LIMIT_BYTES_MAX = 2 ** 52;

/** How memory is read; the limits are asked for once. `given`: bytes, in place of what the container may take. */
export function memoryReader(given?: number): () => MemoryReading {
  const limit = given ?? limitOfContainer() ?? totalmem();
  return () => {
    const { used_heap_size: used, heap_size_limit: most } = getHeapStatistics();
    return { heap: used / most, container: ownBytes() / limit };
  };
}

function limitOfContainer(): number | undefined {
  const limit = process.constrainedMemory();
  return limit !== undefined && limit > 0 && limit < LIMIT_BYTES_MAX ? limit : undefined;
}

/**
 * Bytes that only the death of the process would free. Pages of mapped files count for resident, too, and the kernel
 * takes them back when it needs them; where it tells the difference (Linux) they are left out.
 */
function ownBytes(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  const anonymous = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  return anonymous === undefined ? process.memoryUsage.rss() : Number(anonymous) * 1024;
}
