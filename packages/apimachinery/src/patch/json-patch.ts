import { stringify } from '../json/stringify.js';
import { deepEqual, getOwn, isObject, type JsonArray, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import { JsonPatchError, missingPath } from './json-patch-error.js';
import { type JsonPatchOperation, type Place, parseJsonPatch } from './json-patch-operations.js';
import { childAt, isContainer, resolveIndex } from './json-pointer.js';

/** How many bytes of JSON all `copy` operations of one patch may add together; upstream takes the body limit. */
export const MAX_JSON_PATCH_COPIED_BYTES = 3 * 1024 * 1024;

/**
 * Applies an RFC 6902 patch (decoded JSON) and returns the result; `document` is not changed, and what the patch does
 * not touch is shared with it. As in upstream's library an index may be negative, `add` over a member replaces it,
 * `replace` of a member that is not there adds it, and a `test` for null passes when there is none.
 * @throws JsonPatchError, whose `problem` says what to answer.
 */
export function applyJsonPatch(document: JsonValue, patch: JsonValue): JsonValue {
  const editor = new Editor(document);
  for (const operation of parseJsonPatch(patch)) editor.run(operation);
  return editor.document;
}

/** Edits a document copy-on-write: a container is copied the first time it is changed, then changed in place. */
class Editor {
  document: JsonValue;
  readonly #owned = new Set<JsonValue>();
  #copiedBytes = 0;

  constructor(document: JsonValue) {
    this.document = document;
  }

  run(operation: JsonPatchOperation): void {
    switch (operation.op) {
      case 'add':
        this.#add(operation.op, operation.path, operation.value);
        return;
      case 'replace':
        this.#replace(operation.path, operation.value);
        return;
      case 'remove':
        this.#remove(operation.op, operation.path);
        return;
      case 'test':
        this.#test(operation.path, operation.value);
        return;
      case 'move':
        this.#move(operation.from, operation.path);
        return;
      case 'copy':
        this.#copy(operation.from, operation.path);
        return;
    }
  }

  #add(op: string, path: Place, value: JsonValue): void {
    const key = path.tokens.at(-1);
    if (key === undefined) {
      this.document = value;
      return;
    }
    const parent = this.#ownParent(op, path);
    if (Array.isArray(parent)) {
      const index = key === '-' ? parent.length : resolveIndex(key, parent.length + 1);
      if (index === undefined) throw missingPath(op, path.text);
      parent.splice(index, 0, value);
    } else setOwn(parent, key, value);
  }

  #replace(path: Place, value: JsonValue): void {
    const key = path.tokens.at(-1);
    if (key === undefined) {
      this.document = value;
      return;
    }
    const parent = this.#ownParent('replace', path);
    if (Array.isArray(parent)) {
      const index = resolveIndex(key, parent.length);
      if (index === undefined) throw missingPath('replace', path.text);
      parent[index] = value;
    } else setOwn(parent, key, value);
  }

  #remove(op: string, path: Place): JsonValue {
    const key = path.tokens.at(-1);
    if (key === undefined) throw missingPath(op, path.text);
    const parent = this.#ownParent(op, path);
    const removed = Array.isArray(parent) ? removeItem(parent, key) : removeMember(parent, key);
    if (removed === undefined) throw missingPath(op, path.text);
    return removed;
  }

  #test(path: Place, value: JsonValue): void {
    const found = this.#find('test', path);
    if (found === undefined ? value === null : deepEqual(found, value)) return;
    throw new JsonPatchError('test-failed', `testing value ${path.text} failed`);
  }

  #move(from: Place, path: Place): void {
    if (path.tokens.length > from.tokens.length && from.tokens.every((token, i) => token === path.tokens[i])) {
      throw missingPath('move', path.text);
    }
    if (from.text === path.text && this.#find('move', from) !== undefined) return;
    this.#add('move', path, this.#remove('move', from));
  }

  #copy(from: Place, path: Place): void {
    const value = this.#find('copy', from);
    if (value === undefined) throw missingPath('copy', from.text);
    this.#copiedBytes += Buffer.byteLength(stringify(value));
    if (this.#copiedBytes > MAX_JSON_PATCH_COPIED_BYTES) {
      const text = `Unable to complete the copy, the accumulated size increase of copy is ${this.#copiedBytes}, exceeding the limit ${MAX_JSON_PATCH_COPIED_BYTES}`;
      throw new JsonPatchError('copy-too-large', text);
    }
    // From here on the value stands in two places, so nothing may be changed in place any more.
    this.#owned.clear();
    this.#add('copy', path, value);
  }

  /** The value at `path`, undefined when its last step leads nowhere but the container is there. */
  #find(op: string, path: Place): JsonValue | undefined {
    let node = this.document;
    for (const [i, token] of path.tokens.entries()) {
      const child = childAt(node, token);
      if (child === undefined && (i < path.tokens.length - 1 || !isObject(node))) throw missingPath(op, path.text);
      if (child === undefined) return undefined;
      node = child;
    }
    return node;
  }

  /** Walks to the container of `path`, copying what is not yet ours on the way. */
  #ownParent(op: string, path: Place): JsonObject | JsonArray {
    if (!isContainer(this.document)) throw missingPath(op, path.text);
    let node = this.#own(this.document);
    this.document = node;
    for (const token of path.tokens.slice(0, -1)) {
      const child = childAt(node, token);
      if (!isContainer(child)) throw missingPath(op, path.text);
      const owned = this.#own(child);
      putBack(node, token, owned);
      node = owned;
    }
    return node;
  }

  #own(container: JsonObject | JsonArray): JsonObject | JsonArray {
    if (this.#owned.has(container)) return container;
    const copy = Array.isArray(container) ? [...container] : { ...container };
    this.#owned.add(copy);
    return copy;
  }
}

/** Writes a child back under the token by which it was found. */
function putBack(node: JsonObject | JsonArray, token: string, child: JsonValue): void {
  if (Array.isArray(node)) {
    const index = resolveIndex(token, node.length);
    if (index !== undefined) node[index] = child;
  } else setOwn(node, token, child);
}

function removeItem(list: JsonArray, key: string): JsonValue | undefined {
  const index = resolveIndex(key, list.length);
  return index === undefined ? undefined : list.splice(index, 1)[0];
}

function removeMember(object: JsonObject, key: string): JsonValue | undefined {
  const value = getOwn(object, key);
  if (value !== undefined) delete object[key];
  return value;
}
