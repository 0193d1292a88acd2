import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { UserInfo } from '../authn/user.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { Reinvocation } from './reinvocation.js';

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** One write as admission sees it. Objects are in the version that the write path works on. */
export interface AdmissionAttributes {
  readonly operation: AdmissionOperation;
  readonly cluster: ClusterName;
  readonly type: ResourceType;
  readonly subresource: string;
  /** For a namespace its own name, as upstream. */
  readonly namespace: string;
  /** Empty for a creation whose name is yet to be made, and for a deletion of a collection. */
  readonly name: string;
  /** The object to be written; undefined for DELETE. Mutating plugins change it in place. */
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
  /** CreateOptions, UpdateOptions or DeleteOptions of meta.k8s.io/v1, as the request states them. */
  readonly options: JsonObject;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** For its signal, which is made only when somebody waits. */
  readonly request: { readonly signal: AbortSignal };
  readonly reinvocation: Reinvocation;
  warn(text: string): void;
  /** Adds to the audit event of the request. */
  annotate(key: string, value: string): void;
}

/** Refuses by throwing a StatusError. */
export interface AdmissionPlugin {
  readonly name: string;
  admit?(attributes: AdmissionAttributes): Promise<void> | void;
  validate?(attributes: AdmissionAttributes): Promise<void> | void;
}

/**
 * The plugins in upstream's order: first all mutate one after the other, once more when one of them asks for it, later
 * all validate.
 */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  async admit(attributes: AdmissionAttributes): Promise<void> {
    do {
      for (const plugin of this.#plugins) {
        const answer = plugin.admit?.(attributes);
        if (answer) await answer;
      }
    } while (attributes.reinvocation.begin());
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.#plugins) {
      const answer = plugin.validate?.(attributes);
      if (answer) await answer;
    }
  }
}
