/**
 * What the two rounds of mutating admission of one write know of each other. A plugin that changed the object in a way
 * that earlier ones should see asks for another round; there is at most one. Each plugin keeps here what it must
 * remember from the first round.
 */
export class Reinvocation {
  #round = 0;
  #wanted = false;
  #memories: Map<object, object> | undefined;

  /** 0 for the first round, 1 for the second. */
  get round(): number {
    return this.#round;
  }

  get isAgain(): boolean {
    return this.#round > 0;
  }

  /** The object has changed: mutating plugins that want to see what came after them get another turn. */
  ask(): void {
    this.#wanted = true;
  }

  /** Begins the second round; false when nobody asked or when it has been. */
  begin(): boolean {
    if (!this.#wanted || this.#round > 0) return false;
    this.#round = 1;
    return true;
  }

  /** What `plugin` remembers of this write, made on first use. */
  memory<T extends object>(plugin: object, make: () => T): T {
    this.#memories ??= new Map();
    const known = this.#memories.get(plugin);
    // What is found under a plugin was made by itself.
    if (known !== undefined) return known as T;
    const made = make();
    this.#memories.set(plugin, made);
    return made;
  }
}
