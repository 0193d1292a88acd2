import { ALL_CLUSTERS, type ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { Change, Informer } from '@kcp/client/informer/informer';
import type { Source } from '../controller/controller.js';
import type { Environment } from '../controller/environment.js';
import type { DefinitionDigest } from '../definition/definition-digest.js';
import { BY_GROUP, groupText } from '../definition/definition-informer.js';
import { DISCOVERY_RETRY_MS } from '../limits.js';
import { type ServedType, typeName } from './served-type.js';

/** A custom type came to a logical cluster, changed there, or left it. */
export interface TypeChange {
  readonly cluster: ClusterName;
  readonly before: ServedType | undefined;
  readonly after: ServedType | undefined;
}

const WORKABLE = ['list', 'watch', 'delete'];

/**
 * The types whose objects can be listed, watched and deleted: the built-ins, asked for once, and the custom types of
 * each logical cluster, as the informer of definitions has them.
 */
export class ServedTypes implements Source {
  readonly #environment: Environment;
  readonly #definitions: Informer<DefinitionDigest>;
  readonly #builtins = new Map<string, ServedType>();
  readonly #builtinKinds = new Map<string, ServedType>();
  readonly #stop = new AbortController();
  #synced: Promise<void> | undefined;

  constructor(environment: Environment, definitions: Informer<DefinitionDigest>) {
    this.#environment = environment;
    this.#definitions = definitions;
  }

  start(): void {
    this.#definitions.start();
    this.#synced ??= Promise.all([this.#loadBuiltins(), this.#definitions.synced]).then(() => undefined);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Throws before `start`. */
  get synced(): Promise<void> {
    if (this.#synced === undefined) throw new Error('the types are asked for before they are looked for');
    return this.#synced;
  }

  builtins(): Iterable<ServedType> {
    return this.#builtins.values();
  }

  /** Hears of the custom types that are there, then of changes. Returns how to unsubscribe. */
  subscribe(handler: (change: TypeChange) => void): () => void {
    return this.#definitions.subscribe((change) => {
      const told = typeChange(change);
      if (told !== undefined) handler(told);
    });
  }

  /** The type of that name in a logical cluster. */
  ofResource(cluster: ClusterName, group: string, resource: string): ServedType | undefined {
    const name = typeName({ group, resource });
    return this.#builtins.get(name) ?? this.#definitions.get({ cluster, namespace: '', name })?.value.type;
  }

  /** The type of that kind in a logical cluster, at a version that it serves. */
  ofKind(cluster: ClusterName, group: string, version: string, kind: string): ServedType | undefined {
    const builtin = this.#builtinKinds.get(`${group}/${kind}`);
    // Who names a version that is not served names nobody.
    if (builtin !== undefined) return builtin.versions.includes(version) ? builtin : undefined;
    return this.#definitions
      .indexed(BY_GROUP, groupText(cluster, group))
      .find(({ value }) => value.type?.kind === kind && value.type.versions.includes(version))?.value.type;
  }

  async #loadBuiltins(): Promise<void> {
    const { client, clock, log } = this.#environment;
    const { signal } = this.#stop;
    for (;;) {
      try {
        // The wildcard serves what every logical cluster serves.
        const found = await client.in(ALL_CLUSTERS).discover({ signal });
        for (const { group, resource, version, kind, namespaced, verbs } of found) {
          if (!WORKABLE.every((verb) => verbs.has(verb))) continue;
          const type = { group, resource, kind, namespaced, versions: [version] };
          this.#builtins.set(typeName(type), type);
          this.#builtinKinds.set(`${group}/${kind}`, type);
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        log.warn('the types of the server cannot be discovered', { error });
        await new Promise<void>((resolve) => void clock.after(DISCOVERY_RETRY_MS, resolve));
      }
    }
  }
}

function typeChange({ key, before, after }: Change<DefinitionDigest>): TypeChange | undefined {
  const [was, is] = [before?.value.type, after?.value.type];
  // A definition that is there but serves nothing (yet) has lost nothing.
  if (was === is || (is === undefined && after !== undefined)) return undefined;
  return { cluster: key.cluster, before: was, after: is };
}
