import { StatusError } from '@kcp/apimachinery/errors/status-error';
import type { Environment } from '../controller/environment.js';
import { type EventSubject, recordEvent } from '../controller/record-event.js';
import { ObjectFault } from './object-fault.js';

/** Objects whose last fault is remembered, so that it is told once. */
const REMEMBERED_MAX = 10_000;
/** A fault that lasts is told again after this time: Events do not last. */
const RETELL_MS = 30 * 60 * 1_000;
/** Longest message of an Event, as upstream. */
const MESSAGE_LENGTH_MAX = 1_024;

interface Told {
  readonly message: string;
  readonly atMs: number;
}

/** Who tells, and how it begins to. */
export interface FaultVoice {
  readonly component: string;
  /** The reason of Events about what a server refused. */
  readonly reason: string;
  /** `cannot be synced to us-east1`. */
  readonly what: string;
}

/**
 * Tells of objects about which nothing can be done, by an Event on each: once for each message, and again when it lasts,
 * because Events are kept for an hour. Conditions stay what the object's own controller says.
 */
export class ObjectFaults {
  readonly #environment: Environment;
  readonly #voice: FaultVoice;
  readonly #told = new Map<string, Told>();

  constructor(environment: Environment, voice: FaultVoice) {
    this.#environment = environment;
    this.#voice = voice;
  }

  /** The object, by its uid, is as it should be. */
  clear(uid: string): void {
    this.#told.delete(uid);
  }

  tell(subject: EventSubject, error: unknown): void {
    if (!isOfTheObject(error)) return;
    const { component, what } = this.#voice;
    const message = `${what}: ${error.message}`.slice(0, MESSAGE_LENGTH_MAX);
    const now = this.#environment.clock.now();
    const known = this.#told.get(subject.uid);
    if (known?.message === message && now - known.atMs < RETELL_MS) return;
    this.#remember(subject.uid, { message, atMs: now });
    const reason = error instanceof ObjectFault ? error.reason : this.#voice.reason;
    void recordEvent(this.#environment, subject, { type: 'Warning', reason, message, component });
  }

  #remember(uid: string, told: Told): void {
    this.#told.delete(uid);
    this.#told.set(uid, told);
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= REMEMBERED_MAX) break;
      this.#told.delete(oldest);
    }
  }
}

/** False for what passes by itself: an ailing server, somebody who was faster, a namespace that is on its way out. */
function isOfTheObject(error: unknown): error is Error {
  if (error instanceof ObjectFault) return true;
  if (!(error instanceof StatusError) || error.code >= 500) return false;
  if (error.reason === 'Conflict' || error.reason === 'TooManyRequests') return false;
  return !(error.status.details?.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating');
}
