import type { CelValue } from '../values/value.js';
import type { Step } from './frame.js';

/** Where a variable of a loop lives, and how to make its value when it is first asked for. */
export interface Local {
  readonly slot: number;
  readonly init: Step | undefined;
}

/** Gives each variable of a program its place in the frame. */
export class Slots {
  /** Variables of the environment that the program uses, by place. */
  readonly globals: string[] = [];
  private readonly places = new Map<string, number>();
  private readonly scopes: ReadonlyMap<string, Local>[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The place of a variable of the environment. */
  global(name: string): number {
    const known = this.places.get(name);
    if (known !== undefined) return known;
    const slot = this.count++;
    this.places.set(name, slot);
    this.globals[slot] = name;
    return slot;
  }

  /** A new place for a loop's variable. */
  reserve(): number {
    return this.count++;
  }

  within<T>(locals: ReadonlyMap<string, Local>, work: () => T): T {
    this.scopes.push(locals);
    const result = work();
    this.scopes.pop();
    return result;
  }

  local(name: string): Local | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]?.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Fills the places of the environment's variables; what has no value stays undefined. */
  fill(lookUp: (name: string) => CelValue | undefined): (CelValue | undefined)[] {
    const slots = new Array<CelValue | undefined>(this.count);
    const { globals } = this;
    for (let i = 0; i < globals.length; i++) {
      const name = globals[i];
      if (name !== undefined) slots[i] = lookUp(name);
    }
    return slots;
  }
}
