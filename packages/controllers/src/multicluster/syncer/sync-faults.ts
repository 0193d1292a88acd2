import { StatusError } from '@kcp/apimachinery/errors/status-error';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { recordEvent } from '../../controller/record-event.js';
import type { ObjectDigest } from './digest.js';
import type { ObjectPlace } from './feed.js';
import { FAULT_LENGTH_MAX, FAULT_RETELL_MS, FAULTS_REMEMBERED_MAX } from './limits.js';
import { seemsLost } from './reachability.js';
import type { Side } from './side.js';
import { placeText } from './sync-context.js';
import { SyncFault } from './sync-fault.js';
import { resourceText, type SyncedResource } from './synced-resource.js';

interface Told {
  readonly message: string;
  readonly atMs: number;
}

/**
 * Tells of objects that cannot be synced, by an Event on each: once for each message, and again when it lasts, because
 * Events are kept for an hour. Conditions stay what the object's own controller says.
 */
export class SyncFaults {
  readonly #up: Side;
  readonly #location: string;
  readonly #told = new Map<string, Told>();

  constructor(up: Side, location: string) {
    this.#up = up;
    this.#location = location;
  }

  /** The object was synced. */
  clear(resource: SyncedResource, place: ObjectPlace): void {
    if (this.#told.size > 0) this.#told.delete(textOf(resource, place));
  }

  tell(resource: SyncedResource, place: ObjectPlace, object: ObjectDigest | undefined, error: unknown): void {
    if (object === undefined || !isOfTheObject(error)) return;
    const text = textOf(resource, place);
    const message = `cannot be synced to ${this.#location}: ${error.message}`.slice(0, FAULT_LENGTH_MAX);
    const now = this.#up.environment.clock.now();
    const known = this.#told.get(text);
    if (known?.message === message && now - known.atMs < FAULT_RETELL_MS) return;
    this.#remember(text, { message, atMs: now });
    const { kind } = resource;
    const subject = { cluster: this.#up.cluster, apiVersion: apiVersionOf(resource), kind, ...place, uid: object.uid };
    const reason = error instanceof SyncFault ? error.reason : 'SyncFailed';
    void recordEvent(
      this.#up.environment,
      { ...subject, namespace: place.namespace, name: place.name },
      { type: 'Warning', reason, message, component: 'kcp-syncer' },
    );
  }

  #remember(text: string, told: Told): void {
    this.#told.delete(text);
    this.#told.set(text, told);
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= FAULTS_REMEMBERED_MAX) break;
      this.#told.delete(oldest);
    }
  }
}

function textOf(resource: SyncedResource, place: ObjectPlace): string {
  return `${resourceText(resource)}/${placeText(place)}`;
}

/** False for what passes by itself: a lost server, somebody who was faster, a namespace that is on its way out. */
function isOfTheObject(error: unknown): error is Error {
  if (error instanceof SyncFault) return true;
  if (!(error instanceof StatusError) || seemsLost(error)) return false;
  if (error.reason === 'Conflict' || error.reason === 'TooManyRequests') return false;
  return !(error.status.details?.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating');
}
