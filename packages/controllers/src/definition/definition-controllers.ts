import type { Informer } from '@kcp/client/informer/informer';
import type { Environment } from '../controller/environment.js';
import { CleanupController, type IsBuiltin } from './cleanup-controller.js';
import type { DefinitionDigest } from './definition-digest.js';
import { definitionInformer } from './definition-informer.js';
import { NamesController } from './names-controller.js';

/** Everything that happens to CustomResourceDefinitions by themselves, over one informer. */
export class DefinitionControllers {
  readonly #definitions: Informer<DefinitionDigest>;
  readonly #names: NamesController;
  readonly #cleanup: CleanupController;

  constructor(environment: Environment, isBuiltin: IsBuiltin) {
    this.#definitions = definitionInformer(environment);
    this.#names = new NamesController(environment, this.#definitions);
    this.#cleanup = new CleanupController(environment, this.#definitions, isBuiltin);
  }

  start(): void {
    this.#names.start();
    this.#cleanup.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#names.stop(), this.#cleanup.stop()]);
    await this.#definitions.stop();
  }
}
