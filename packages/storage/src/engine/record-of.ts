import type { StoreEvent } from '../store.js';
import type { HistoryRecord } from './backend.js';
import { keyOf } from './watch-hub.js';

/** The history record of a change. */
export function recordOf(event: StoreEvent): HistoryRecord {
  const { revision, previous } = event;
  const kind = event.type === 'delete' ? 'delete' : previous === undefined ? 'create' : 'update';
  return { revision, key: keyOf(event), kind, previous };
}
