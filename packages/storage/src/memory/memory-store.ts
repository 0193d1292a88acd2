import { EngineStore } from '../engine/engine-store.js';
import type { RetentionOptions } from '../engine/retention.js';
import type { Store } from '../store.js';
import { MemoryBackend } from './memory-backend.js';

export type MemoryStoreOptions = RetentionOptions;

/** A store that lives as long as the process: for tests and for servers that need no disk. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  return new EngineStore(new MemoryBackend(), options);
}
