import type { Informer } from '@kcp/client/informer/informer';
import type { Source } from '../../controller/controller.js';
import { type ApiCoordinates, definitionNameOf } from './names.js';
import { conditionStatus, type DefinitionView } from './views.js';

/**
 * A collection of a custom kind that is watched from the moment that any logical cluster serves it: before that, asking
 * for it could only fail, and waiting for it would be a guess.
 */
export class WhenServed implements Source {
  readonly synced: Promise<void>;
  readonly #definitions: Informer<DefinitionView>;
  readonly #name: string;
  readonly #source: Source;
  #unsubscribe: (() => void) | undefined;

  constructor(definitions: Informer<DefinitionView>, { group, resource }: GroupResourceOf, source: Source) {
    this.#definitions = definitions;
    this.#name = definitionNameOf({ group, plural: resource });
    this.#source = source;
    this.synced = source.synced;
  }

  start(): void {
    this.#definitions.start();
    this.#unsubscribe ??= this.#definitions.subscribe(({ after }) => {
      if (after === undefined || after.key.name !== this.#name) return;
      if (conditionStatus(after.value.conditions, 'Established') === 'True') this.#source.start();
    });
  }

  stop(): void {
    this.#unsubscribe?.();
  }
}

interface GroupResourceOf extends Pick<ApiCoordinates, 'group'> {
  readonly resource: string;
}
