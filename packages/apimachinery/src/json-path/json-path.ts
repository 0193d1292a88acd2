import type { JsonValue } from '../json/value.js';
import { evaluate } from './evaluate.js';
import { JsonPathError, type PathNode } from './nodes.js';
import { parsePath } from './parse.js';

/** A compiled path in the JSONPath dialect of client-go. */
export class JsonPath {
  readonly #nodes: readonly PathNode[];

  constructor(nodes: readonly PathNode[]) {
    this.#nodes = nodes;
  }

  /** All values found; an empty list when something on the way is missing. Throws JsonPathError on a misfit. */
  find(root: JsonValue): JsonValue[] {
    return evaluate(this.#nodes, root);
  }

  /** The first value found; undefined when there is none or the path does not fit the value. */
  first(root: JsonValue): JsonValue | undefined {
    try {
      return evaluate(this.#nodes, root)[0];
    } catch (error) {
      if (error instanceof JsonPathError) return undefined;
      throw error;
    }
  }
}

/** Compiles a path such as `.status.conditions[?(@.type=="Ready")].status`; throws JsonPathError. */
export function compileJsonPath(path: string): JsonPath {
  return new JsonPath(parsePath(path));
}
