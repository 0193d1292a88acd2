import { getOwn, isObject, type JsonObject, type JsonValue, setOwn } from '../json/value.js';

/** How deeply the objects of a patch may nest; deeper ones are refused, so that a patch cannot exhaust the stack. */
export const MAX_MERGE_PATCH_DEPTH = 1_000;

/** A patch nests deeper than its limit. */
export class PatchDepthError extends Error {
  constructor(limit: number) {
    super(`the patch nests deeper than ${limit} levels`);
    this.name = 'PatchDepthError';
  }
}

/**
 * Applies an RFC 7396 merge patch and returns the result: objects merge member by member, null removes, everything
 * else replaces. `target` is not changed; what the patch does not touch is shared with it.
 * @throws PatchDepthError beyond MAX_MERGE_PATCH_DEPTH.
 */
export function applyMergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  return merge(target, patch, 0);
}

function merge(target: JsonValue | undefined, patch: JsonValue, depth: number): JsonValue {
  if (!isObject(patch)) return patch;
  if (depth >= MAX_MERGE_PATCH_DEPTH) throw new PatchDepthError(MAX_MERGE_PATCH_DEPTH);
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const key of Object.keys(patch)) {
    const change = patch[key];
    if (change === undefined) continue;
    if (change === null) delete result[key];
    else setOwn(result, key, merge(getOwn(result, key), change, depth + 1));
  }
  return result;
}
