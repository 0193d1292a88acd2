/** Query parameters in order. Pairs that are no valid encoding are dropped, as Go's `url.ParseQuery` does. */
export class Query {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  private constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  static readonly EMPTY = new Query(new Map());

  /** `text` is what follows the question mark. */
  static parse(text: string): Query {
    if (text === '') return Query.EMPTY;
    const values = new Map<string, string[]>();
    for (const pair of text.split('&')) {
      const equals = pair.indexOf('=');
      const key = decode(equals < 0 ? pair : pair.slice(0, equals));
      const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
      if (key === undefined || value === undefined || pair === '') continue;
      const seen = values.get(key);
      if (seen) seen.push(value);
      else values.set(key, [value]);
    }
    return new Query(values);
  }

  /** The first value; empty when there is none, which the API never tells apart. */
  get(key: string): string {
    return this.#values.get(key)?.[0] ?? '';
  }

  getAll(key: string): readonly string[] {
    return this.#values.get(key) ?? [];
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** True for `1`, `t`, `true` and for the bare key, as upstream's conversion of query booleans. */
  flag(key: string): boolean {
    const values = this.#values.get(key);
    if (values === undefined) return false;
    const value = (values[0] ?? '').toLowerCase();
    return value !== 'false' && value !== '0';
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.includes('+') ? text.replaceAll('+', ' ') : text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
