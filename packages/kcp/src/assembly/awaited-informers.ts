/** The informer of definitions, by its name here. */
export const DEFINITIONS = 'customresourcedefinitions';

/** Something that is to see all that there is before it is relied on. */
interface Synced {
  readonly synced: Promise<void>;
}

/** Which informers have yet to see what there is; each by its name, and started already. */
export class AwaitedInformers {
  readonly #names: Set<string>;

  constructor(informers: Readonly<Record<string, Synced>>) {
    this.#names = new Set(Object.keys(informers));
    for (const [name, { synced }] of Object.entries(informers)) {
      // Of a failure the controllers tell that wait for it, too; here it stays awaited.
      synced.then(
        () => this.#names.delete(name),
        () => undefined,
      );
    }
  }

  get names(): readonly string[] {
    return [...this.#names];
  }
}
