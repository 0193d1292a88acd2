import type { ServerHttp2Session } from 'node:http2';
import { types } from 'node:util';

/**
 * Node.js keeps the open streams of a session in a Map. While streams come and go, a Map replaces its table again and again,
 * and each old table goes on naming the next one and the streams that it held: once one of them is old, V8 keeps every later
 * stream, with its request and its answer, until it collects everything. That made pauses of 20 ms a second beside a crowd,
 * and a quarter of a request's processor time. So the Map is exchanged for one that leaves nothing behind. Node.js does not
 * document where it is; where it is not found, everything stays as it was. Returns whether it was found.
 */
export function keepFewStreams(session: ServerHttp2Session): boolean {
  for (const symbol of Object.getOwnPropertySymbols(session)) {
    if (symbol.description !== 'state') continue;
    const state: unknown = Reflect.get(session, symbol);
    if (typeof state !== 'object' || state === null) continue;
    const streams: unknown = Reflect.get(state, 'streams');
    // Made without Map's prototype, so no `instanceof`.
    if (!types.isMap(streams) || streams.size > 0) continue;
    return Reflect.set(state, 'streams', new FewEntries());
  }
  return false;
}

/** A Map of some hundred entries at the most, without a table: keys and values lie side by side in no order. */
export class FewEntries<V extends object> extends Map<number, V> {
  readonly #keys: number[] = [];
  readonly #values: V[] = [];

  override get size(): number {
    return this.#keys.length;
  }

  override has(key: number): boolean {
    return this.#keys.includes(key);
  }

  override get(key: number): V | undefined {
    const at = this.#keys.lastIndexOf(key);
    return at < 0 ? undefined : this.#values[at];
  }

  override set(key: number, value: V): this {
    const at = this.#keys.lastIndexOf(key);
    if (at >= 0) this.#values[at] = value;
    else {
      this.#keys.push(key);
      this.#values.push(value);
    }
    return this;
  }

  override delete(key: number): boolean {
    const at = this.#keys.lastIndexOf(key);
    if (at < 0) return false;
    dropAt(this.#keys, at);
    dropAt(this.#values, at);
    return true;
  }

  override clear(): void {
    this.#keys.length = 0;
    this.#values.length = 0;
  }

  /** Of what is there when it begins: who is called may remove it. */
  override forEach(visit: (value: V, key: number, map: Map<number, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  override entries(): MapIterator<[number, V]> {
    const values = [...this.#values];
    return new Map(this.#keys.map((key, at): [number, V] => [key, values[at] as V])).entries();
  }

  override keys(): MapIterator<number> {
    return new Map(this.entries()).keys();
  }

  override values(): MapIterator<V> {
    return new Map(this.entries()).values();
  }

  override [Symbol.iterator](): MapIterator<[number, V]> {
    return this.entries();
  }
}

/** Takes one out; the last one takes its place. */
function dropAt<T extends number | object>(all: T[], at: number): void {
  const last = all.pop();
  if (last !== undefined && at < all.length) all[at] = last;
}
