import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { UserInfo } from '../authn/user.js';
import type { ResourceType } from '../registry/resource-type.js';

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** One write as admission sees it. Objects are in the storage version. */
export interface AdmissionAttributes {
  readonly operation: AdmissionOperation;
  readonly cluster: ClusterName;
  readonly type: ResourceType;
  readonly subresource: string;
  readonly namespace: string;
  /** Empty for a creation whose name is yet to be made, and for a deletion of a collection. */
  readonly name: string;
  /** The object to be written; undefined for DELETE. Mutating plugins change it in place. */
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  warn(text: string): void;
}

/** Refuses by throwing a StatusError. */
export interface AdmissionPlugin {
  readonly name: string;
  admit?(attributes: AdmissionAttributes): Promise<void> | void;
  validate?(attributes: AdmissionAttributes): Promise<void> | void;
}

/** The plugins in upstream's order: first all mutate one after the other, later all validate. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  async admit(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.#plugins) {
      const answer = plugin.admit?.(attributes);
      if (answer) await answer;
    }
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.#plugins) {
      const answer = plugin.validate?.(attributes);
      if (answer) await answer;
    }
  }
}
