import type { Informer } from '@kcp/client/informer/informer';
import type { Environment } from '../controller/environment.js';
import { CleanupController, type IsBuiltin } from './cleanup-controller.js';
import type { DefinitionDigest } from './definition-digest.js';
import { NamesController } from './names-controller.js';

/** Everything that happens to CustomResourceDefinitions by themselves. */
export class DefinitionControllers {
  readonly #names: NamesController;
  readonly #cleanup: CleanupController;

  /** The informer stays its owner's, who stops it. */
  constructor(environment: Environment, definitions: Informer<DefinitionDigest>, isBuiltin: IsBuiltin) {
    this.#names = new NamesController(environment, definitions);
    this.#cleanup = new CleanupController(environment, definitions, isBuiltin);
  }

  start(): void {
    this.#names.start();
    this.#cleanup.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#names.stop(), this.#cleanup.stop()]);
  }
}
