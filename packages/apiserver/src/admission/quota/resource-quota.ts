import { newConflict, OBJECT_MODIFIED } from '@kcp/apimachinery/errors/status-error';
import { addQuantities, formatQuantity, parseQuantity } from '@kcp/apimachinery/quantity/quantity';
import { QUOTA_ATTEMPTS_MAX } from '../../limits.js';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import { admissionForbidden } from '../forbidden.js';
import { type Amounts, amountsText, chargesOf, exceeded } from './charges.js';
import type { Quota, QuotaStore } from './quota-store.js';

/** A creation that waits for the quotas of its namespace. */
interface Claim {
  readonly attributes: AdmissionAttributes;
  readonly charges: readonly string[];
  grant(): void;
  refuse(error: unknown): void;
}

/** One quota while claims are weighed: what is used with those that were granted so far. */
interface Balance {
  readonly quota: Quota;
  used: Amounts;
}

const ONE = parseQuantity('1');

/**
 * Refuses creations that a ResourceQuota of the namespace has no room for, and charges the others to its status by
 * compare-and-swap, so that no number of servers and clients at once gets beyond it. Claims that come while a namespace is
 * being charged are charged together after that. Comes last of all plugins: a creation that is refused costs nothing.
 */
export class ResourceQuota implements AdmissionPlugin {
  readonly name = 'ResourceQuota';
  readonly #quotas: QuotaStore;
  /** Claims that wait, by namespace; present as long as somebody charges. */
  readonly #waiting = new Map<string, Claim[]>();

  constructor(quotas: QuotaStore) {
    this.#quotas = quotas;
  }

  validate(attributes: AdmissionAttributes): Promise<void> | void {
    const { operation, subresource, type, cluster, namespace } = attributes;
    if (operation !== 'CREATE' || subresource !== '' || !type.namespaced) return;
    const charges = chargesOf(type);
    if (charges.length === 0) return;
    const names = this.#quotas.names(cluster, namespace);
    if (names instanceof Promise) return names.then((found) => this.#claim(attributes, charges, found));
    return this.#claim(attributes, charges, names);
  }

  #claim(
    attributes: AdmissionAttributes,
    charges: readonly string[],
    names: readonly string[],
  ): Promise<void> | undefined {
    if (names.length === 0) return undefined;
    const place = `${attributes.cluster}/${attributes.namespace}`;
    return new Promise((grant, refuse) => {
      const claim: Claim = { attributes, charges, grant, refuse };
      const waiting = this.#waiting.get(place);
      if (waiting !== undefined) waiting.push(claim);
      else {
        this.#waiting.set(place, [claim]);
        void this.#serve(place);
      }
    });
  }

  async #serve(place: string): Promise<void> {
    for (;;) {
      const claims = this.#waiting.get(place) ?? [];
      if (claims.length === 0) break;
      this.#waiting.set(place, []);
      try {
        await this.#settle(claims);
      } catch (error) {
        for (const claim of claims) claim.refuse(error);
      }
    }
    this.#waiting.delete(place);
  }

  /** Weighs claims of one namespace against its quotas as they are now; again when somebody else charged them. */
  async #settle(claims: readonly Claim[]): Promise<void> {
    const [first] = claims;
    if (first === undefined) return;
    const { cluster, namespace } = first.attributes;
    let open = new Set(await this.#quotas.names(cluster, namespace));
    let left = claims;
    let lost = '';
    for (let attempt = 1; attempt <= QUOTA_ATTEMPTS_MAX; attempt++) {
      const quotas = await Promise.all([...open].map((name) => this.#quotas.read(cluster, namespace, name)));
      const balances = quotas.filter((quota) => quota !== undefined).map((quota) => ({ quota, used: quota.used }));
      left = left.filter((claim) => weigh(claim, balances));
      const behind = new Set<string>();
      for (const { quota, used } of balances) {
        if (used === quota.used || (await this.#quotas.write(cluster, namespace, quota, used))) continue;
        behind.add(quota.name);
      }
      if (behind.size === 0) {
        for (const claim of left) claim.grant();
        return;
      }
      // What was charged stays charged: only those that were lost are weighed again.
      open = behind;
      [lost = ''] = behind;
    }
    throw newConflict({ group: '', resource: 'resourcequotas' }, lost, OBJECT_MODIFIED);
  }
}

/** True for a claim that all quotas have room for; it is then part of their balance, unless it is a trial. */
function weigh(claim: Claim, balances: readonly Balance[]): boolean {
  const charged: [Balance, Amounts][] = [];
  for (const balance of balances) {
    const { quota } = balance;
    const names = quota.scoped ? [] : claim.charges.filter((name) => quota.hard[name] !== undefined);
    if (names.length === 0) continue;
    const refusal = refusalOf(balance, names);
    if (refusal !== undefined) {
      claim.refuse(admissionForbidden(claim.attributes, refusal));
      return false;
    }
    charged.push([balance, withOneMore(names, balance.used)]);
  }
  if (!claim.attributes.dryRun) for (const [balance, used] of charged) balance.used = used;
  return true;
}

/** Upstream's words for a quota that has no room, or does not know yet whether it has. */
function refusalOf({ quota, used }: Balance, names: readonly string[]): string | undefined {
  const unknown = names.filter((name) => used[name] === undefined);
  if (unknown.length > 0) return `status unknown for quota: ${quota.name}, resources: ${[...unknown].sort().join(',')}`;
  const over = exceeded(names, withOneMore(names, used), quota.hard);
  if (over.length === 0) return undefined;
  const requested = Object.fromEntries(over.map((name) => [name, '1']));
  return (
    `exceeded quota: ${quota.name}, requested: ${amountsText(over, requested)}, ` +
    `used: ${amountsText(over, used)}, limited: ${amountsText(over, quota.hard)}`
  );
}

function withOneMore(names: readonly string[], used: Amounts): Amounts {
  const more = names.map((name) => [name, formatQuantity(addQuantities(parseQuantity(used[name] ?? '0'), ONE))]);
  return { ...used, ...Object.fromEntries(more) };
}
