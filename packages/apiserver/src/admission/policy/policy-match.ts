import { StatusError } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { WatchCache } from '@kcp/storage/cache';
import type { ResourceCatalog } from '../../registry/catalog.js';
import type { ResourceType } from '../../registry/resource-type.js';
import type { AdmissionAttributes } from '../admission.js';
import { admissionForm } from '../admission-form.js';
import type { MatchedVersion } from '../admission-request.js';
import { resourceOf } from '../match-type.js';
import { type MatchResources, matchResources } from './match-resources.js';
import { collectParams, ParamError } from './params.js';
import type { AdmissionPolicy, PolicyBinding } from './policy.js';
import type { BoundPolicy } from './policy-source.js';

/** A policy that is to be evaluated for a write: once for each set of parameters of one of its bindings. */
export interface PolicyInvocation<P extends AdmissionPolicy> {
  readonly policy: P;
  readonly binding: PolicyBinding;
  readonly version: MatchedVersion;
  readonly params: readonly (JsonObject | undefined)[];
}

/** A policy or binding that cannot be put to work; without a binding it is the policy itself. */
export interface PolicyFault<P extends AdmissionPolicy> {
  readonly policy: P;
  readonly binding: PolicyBinding | undefined;
  readonly message: string;
}

/** Finds out which of the policies in force are about a write. */
export class PolicyMatcher {
  readonly #cache: WatchCache;
  readonly #catalog: () => ResourceCatalog;

  constructor(cache: WatchCache, catalog: () => ResourceCatalog) {
    this.#cache = cache;
    this.#catalog = catalog;
  }

  /** What is to be evaluated and what cannot be, in the order of the policies and their bindings. */
  async *match<P extends AdmissionPolicy>(
    { policy, bindings }: BoundPolicy<P>,
    attributes: AdmissionAttributes,
  ): AsyncGenerator<PolicyInvocation<P> | PolicyFault<P>> {
    const type = await attempt(() => this.#matches(policy.resources, attributes));
    if (type instanceof Failure) return yield this.#fault(policy, undefined, type);
    if (type === undefined) return;
    const paramType = await attempt(() => policy.paramKind?.type(attributes.cluster, this.#catalog()));
    if (paramType instanceof Failure) return yield this.#fault(policy, undefined, paramType);
    const version = { form: admissionForm(type, attributes.subresource), resource: resourceOf(type) };
    for (const binding of bindings) {
      const params = await attempt(() => this.#paramsOf(binding, paramType, attributes));
      if (params instanceof Failure) yield this.#fault(policy, binding, params);
      else if (params.length > 0) yield { policy, binding, version, params };
    }
  }

  #matches(resources: MatchResources, attributes: AdmissionAttributes): Promise<ResourceType | undefined> {
    return matchResources(resources, attributes, this.#cache, this.#catalog());
  }

  /** None where the binding has nothing to do with the write. */
  async #paramsOf(
    binding: PolicyBinding,
    paramType: ResourceType | undefined,
    attributes: AdmissionAttributes,
  ): Promise<readonly (JsonObject | undefined)[]> {
    const { resources } = binding;
    if (resources !== undefined && (await this.#matches(resources, attributes)) === undefined) return [];
    return collectParams(paramType, binding, attributes, this.#cache);
  }

  #fault<P extends AdmissionPolicy>(
    policy: P,
    binding: PolicyBinding | undefined,
    { message }: Failure,
  ): PolicyFault<P> {
    const what = binding === undefined ? 'policy' : 'binding';
    return { policy, binding, message: `failed to configure ${what}: ${message}` };
  }
}

/** Why something about a policy did not work, as far as that is no fault of the server. */
class Failure {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

async function attempt<T>(run: () => Promise<T> | T): Promise<T | Failure> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ParamError || error instanceof StatusError) return new Failure(error.message);
    throw error;
  }
}
