import { codePoints } from '../syntax/source.js';
import { CelList, CelMap, CelOpaque, CelOptional, type CelValue } from '../values/value.js';

/** What `size()` is for strings, bytes, lists and maps; 1 for everything else. */
export function sizeOf(value: CelValue | undefined): number {
  if (typeof value === 'string') return codePoints(value);
  if (typeof value !== 'object' || value === null) return 1;
  if (value instanceof CelList || value instanceof CelMap || value instanceof CelOpaque) return value.size;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof CelOptional && value.value !== undefined) return sizeOf(value.value);
  return 1;
}
