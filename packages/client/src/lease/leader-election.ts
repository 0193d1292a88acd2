import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { type Clock, pause, type Random } from '../clock.js';
import { LEASE_DURATION_MS, LEASE_RENEW_DEADLINE_MS, LEASE_RETRY_PERIOD_MS } from '../limits.js';
import type { Client } from '../rest/client.js';
import { LEASES, type LeaseRecord, leaseTime, recordOf, sameRecord, withRecord } from './lease-record.js';

export interface LeaderElectionOptions {
  /** Of the logical cluster that the lease is in. */
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
  /** Unique among all who want to lead. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Hears why the lease could not be had or kept at one attempt. */
  readonly onError: (error: unknown) => void;
  /** How long a lease that is not renewed keeps others out. */
  readonly leaseDurationMs?: number;
  /** How long a leader tries to renew before it gives up. */
  readonly renewDeadlineMs?: number;
  /** Time between attempts. */
  readonly retryPeriodMs?: number;
}

interface Observed {
  readonly lease: KubeObject;
  readonly record: LeaseRecord;
  /** When this record was first seen, by our own clock: nobody else's is trusted. */
  readonly sinceMs: number;
}

const JITTER = 1.2;
/** After a release the next one need not wait. */
const RELEASED_SECONDS = 1;

/**
 * Makes sure that of several programs one leads, by a Lease, with client-go's rules: a lease counts from the moment
 * that we saw it change, a leader renews it every retry period and steps down when it could not for the renew deadline,
 * which is shorter than the lease lasts.
 */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #durationMs: number;
  readonly #deadlineMs: number;
  readonly #retryMs: number;
  #observed: Observed | undefined;

  /** Throws RangeError for times that do not leave a leader the time to step down. */
  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#durationMs = options.leaseDurationMs ?? LEASE_DURATION_MS;
    this.#deadlineMs = options.renewDeadlineMs ?? LEASE_RENEW_DEADLINE_MS;
    this.#retryMs = options.retryPeriodMs ?? LEASE_RETRY_PERIOD_MS;
    if (this.#durationMs <= this.#deadlineMs) throw new RangeError('a lease must last longer than the renew deadline');
    if (this.#deadlineMs <= JITTER * this.#retryMs) {
      throw new RangeError(`the renew deadline must be longer than ${JITTER} retry periods`);
    }
  }

  /** Who leads as far as we know; empty when nobody was seen yet. */
  get leader(): string {
    return this.#observed?.record.holder ?? '';
  }

  /**
   * Waits for the lease, then leads until `signal` aborts, the lease is lost, or `lead` is done; `lead` hears of the
   * first two by its signal. Gives the lease back when it still has it. Rejects with what `lead` rejects with.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    if (!(await this.#acquire(signal))) return;
    const term = new AbortController();
    const renewing = this.#renew(AbortSignal.any([signal, term.signal])).finally(() => term.abort());
    try {
      await lead(term.signal);
    } finally {
      term.abort();
      await renewing;
      await this.#release();
    }
  }

  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, random } = this.#options;
    while (!signal.aborted) {
      if (await this.#attempt(signal)) return true;
      await pause(clock, this.#retryMs * (1 + JITTER * random()), signal);
    }
    return false;
  }

  /** Resolves when the lease is lost or `signal` aborts. */
  async #renew(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let renewed = clock.now();
    while (!signal.aborted) {
      await pause(clock, this.#retryMs, signal);
      const deadline = new AbortController();
      const cancel = clock.after(Math.max(0, renewed + this.#deadlineMs - clock.now()), () => deadline.abort());
      const ok = await this.#attempt(AbortSignal.any([signal, deadline.signal]));
      cancel();
      if (ok) renewed = clock.now();
      else if (clock.now() - renewed >= this.#deadlineMs) return;
    }
  }

  /** Takes or renews the lease; false when someone else has it or the server does not answer. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#take(signal);
    } catch (error) {
      if (!signal.aborted) this.#options.onError(error);
      return false;
    }
  }

  async #take(signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name, identity, clock } = this.#options;
    const known = this.#observed;
    // The leader knows the lease: it need not read it before it writes.
    if (known !== undefined && known.record.holder === identity && this.#isValid(known)) {
      const written = await this.#write(known, signal).catch((error: unknown) => {
        if (!hasReason(error, 'Conflict')) throw error;
        return false;
      });
      if (written) return true;
    }
    const found = await client.get(LEASES, { namespace, name }, { signal }).catch((error: unknown) => {
      if (!hasReason(error, 'NotFound')) throw error;
      return undefined;
    });
    if (found === undefined) return this.#create(signal);
    const record = recordOf(found);
    const same = this.#observed !== undefined && sameRecord(record, this.#observed.record);
    const observed = { lease: found, record, sinceMs: same ? (this.#observed?.sinceMs ?? 0) : clock.now() };
    this.#observed = observed;
    if (record.holder !== '' && record.holder !== identity && this.#isValid(observed)) return false;
    return this.#write(observed, signal);
  }

  #isValid({ record, sinceMs }: Observed): boolean {
    return sinceMs + record.durationSeconds * 1_000 > this.#options.clock.now();
  }

  async #create(signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name } = this.#options;
    const empty = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
    this.#saw(await client.create(LEASES, withRecord(empty, this.#ownRecord(undefined)), { signal }));
    return true;
  }

  async #write({ lease, record }: Observed, signal: AbortSignal): Promise<boolean> {
    this.#saw(await this.#options.client.update(LEASES, withRecord(lease, this.#ownRecord(record)), { signal }));
    return true;
  }

  #saw(lease: KubeObject): void {
    this.#observed = { lease, record: recordOf(lease), sinceMs: this.#options.clock.now() };
  }

  #ownRecord(before: LeaseRecord | undefined): LeaseRecord {
    const { identity, clock } = this.#options;
    const now = leaseTime(clock.now());
    const mine = before?.holder === identity;
    return {
      holder: identity,
      durationSeconds: Math.floor(this.#durationMs / 1_000),
      acquireTime: mine ? before.acquireTime : now,
      renewTime: now,
      transitions: before === undefined ? 0 : mine ? before.transitions : before.transitions + 1,
    };
  }

  async #release(): Promise<void> {
    const { client, identity, clock, onError } = this.#options;
    const known = this.#observed;
    if (known === undefined || known.record.holder !== identity) return;
    const now = leaseTime(clock.now());
    const record = { ...known.record, holder: '', durationSeconds: RELEASED_SECONDS, renewTime: now, acquireTime: now };
    const deadline = new AbortController();
    const cancel = clock.after(this.#deadlineMs, () => deadline.abort());
    try {
      this.#saw(await client.update(LEASES, withRecord(known.lease, record), { signal: deadline.signal }));
    } catch (error) {
      onError(error);
    } finally {
      cancel();
    }
  }
}
