import { deepClone, deepEqual } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';

/**
 * Who among the webhooks (or policies) of a write gets another turn in the second round: those that want one when the
 * object changed after theirs. Nobody has his first turn in the second round.
 */
export class Turns {
  readonly #waiting = new Set<string>();
  readonly #again = new Set<string>();
  #output: KubeObject | undefined;

  /** One that wants another turn if need be has had its turn. */
  had(id: string): void {
    this.#waiting.add(id);
  }

  /** The object has changed since: all that had a turn get another. */
  changed(): void {
    for (const id of this.#waiting) this.#again.add(id);
    this.#waiting.clear();
  }

  getsAnother(id: string): boolean {
    return this.#again.has(id);
  }

  /** Remembers what the round left, as long as that matters to any. */
  leave(object: KubeObject | undefined): void {
    this.#output = object !== undefined && this.#waiting.size > 0 ? deepClone(object) : undefined;
  }

  isAsLeft(object: KubeObject | undefined): boolean {
    return this.#output === undefined || deepEqual(this.#output, object);
  }
}
