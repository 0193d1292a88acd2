import { createHash } from 'node:crypto';
import { conditionOf } from '@kcp/apimachinery/crd/accept-names';
import { parseStoredJson } from '@kcp/apimachinery/json/parse';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { readObject } from '@kcp/apimachinery/schema/read';
import type { CachedObject, MemoSlot } from '@kcp/storage/cache';
import { memberAt, valueEnd } from '@kcp/storage/watch-cache/json-scan';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import type { ResourceType } from '../registry/resource-type.js';
import type { WebhookClient } from '../webhook/webhook-client.js';
import { customType } from './custom-type.js';
import { Definition } from './definition.js';

/** Most small definitions of different content that are kept for sharing; the least recently used one goes first. */
export const DEFINITIONS_SHARED_MAX = 2_000;

/** What a definition serves: its types by version. */
export type ServedTypes = ReadonlyMap<string, ResourceType>;

const NOTHING: ServedTypes = new Map();

/**
 * Makes types of definitions, once per content: logical clusters with the same definition share everything, and what is
 * kept per cluster is one reference at the cached definition.
 */
export class DefinitionTypes {
  /** By `shared` of a definition: the types go when the last definition with that spec does. */
  readonly #byShared = new WeakMap<Buffer, Map<string, ServedTypes>>();
  /** Those of specs that are too small to be shared as bytes. */
  readonly #byContent = new Map<string, ServedTypes>();
  readonly #slot: MemoSlot<ServedTypes> = newMemoSlot<ServedTypes>('types of a definition');
  readonly #webhooks: WebhookClient;
  readonly #onBroken: (error: unknown, definition: CachedObject) => void;

  /** `onBroken` hears of stored definitions of which no types can be made; they serve nothing. */
  constructor(webhooks: WebhookClient, onBroken: (error: unknown, definition: CachedObject) => void) {
    this.#webhooks = webhooks;
    this.#onBroken = onBroken;
  }

  /** The types that a stored definition serves; none before it is established. */
  of(cached: CachedObject): ServedTypes {
    return cached.memo(this.#slot, () => {
      try {
        return this.#make(cached);
      } catch (error) {
        this.#onBroken(error, cached);
        return NOTHING;
      }
    });
  }

  #make({ bytes, shared }: CachedObject): ServedTypes {
    const status = statusOf(bytes);
    const spec = shared ?? memberBytes(bytes, 'spec');
    if (spec === undefined || !isTrue(status, 'Established')) return NOTHING;
    const terminating = isTrue(status, 'Terminating');
    const rest = `${JSON.stringify(readObject(status, 'acceptedNames') ?? {})}${terminating ? 'terminating' : ''}`;
    const make = (kept: Buffer): ServedTypes => this.#typesOf(new Definition(kept, status, terminating));
    if (shared !== undefined) return this.#sharedTypes(shared, rest, make);
    const content = createHash('sha256').update(spec).update('\0').update(rest).digest('base64');
    const types = this.#byContent.get(content) ?? make(Buffer.from(spec));
    this.#keep(content, types);
    return types;
  }

  #sharedTypes(spec: Buffer, rest: string, make: (spec: Buffer) => ServedTypes): ServedTypes {
    const known = this.#byShared.get(spec) ?? new Map<string, ServedTypes>();
    this.#byShared.set(spec, known);
    const types = known.get(rest) ?? make(spec);
    known.set(rest, types);
    return types;
  }

  #typesOf(definition: Definition): ServedTypes {
    const stored = definition.storageKind.version;
    // While a definition goes away its objects must be within reach of whoever deletes them.
    const served = definition.versions.filter(
      (version) => version.served || (definition.terminating && version.gvk.version === stored),
    );
    return new Map(served.map((version) => [version.gvk.version, customType(definition, version, this.#webhooks)]));
  }

  #keep(content: string, types: ServedTypes): void {
    this.#byContent.delete(content);
    this.#byContent.set(content, types);
    for (const oldest of this.#byContent.keys()) {
      if (this.#byContent.size <= DEFINITIONS_SHARED_MAX) break;
      this.#byContent.delete(oldest);
    }
  }
}

function statusOf(bytes: Buffer): JsonObject {
  const found = memberBytes(bytes, 'status');
  const status = found && parseStoredJson(found.toString('utf8'));
  return isObject(status) ? status : {};
}

function memberBytes(bytes: Buffer, name: string): Buffer | undefined {
  const at = memberAt(bytes, 0, name);
  return at < 0 ? undefined : bytes.subarray(at, valueEnd(bytes, at));
}

/** `status` is that of a definition. */
function isTrue(status: JsonObject, condition: string): boolean {
  return conditionOf({ status }, condition)?.status === 'True';
}
