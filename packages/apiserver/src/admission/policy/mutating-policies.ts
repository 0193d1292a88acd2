import { newInternalError, StatusError } from '@kcp/apimachinery/errors/status-error';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { WatchCache } from '@kcp/storage/cache';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import { replaceContents } from '../admission-form.js';
import { exemptFromPolicies } from '../exempt.js';
import type { ExpressionEngine, ExpressionInput } from '../expression-engine.js';
import { admissionForbidden } from '../forbidden.js';
import { conditionsHold } from '../match-conditions.js';
import { Turns } from '../turns.js';
import { VersionedObjects } from '../versioned-objects.js';
import { type Mutation, mutated } from './mutate.js';
import { MutationError } from './mutation-error.js';
import { namespaceObject } from './namespace-object.js';
import { type AdmissionPolicy, compilePolicy, type PolicyBinding } from './policy.js';
import { policyInput } from './policy-input.js';
import type { PolicyInvocation, PolicyMatcher } from './policy-match.js';
import { type BoundPolicy, PolicySource } from './policy-source.js';

/** A MutatingAdmissionPolicy, compiled. */
interface MutatingPolicy extends AdmissionPolicy {
  readonly mutations: readonly Mutation[];
  readonly reinvocable: boolean;
}

/** What a policy could not do, and whether that is a fault of the object (then the reason is Invalid). */
interface Failure {
  readonly policy: MutatingPolicy;
  readonly binding: PolicyBinding | undefined;
  readonly message: string;
  readonly reason: '' | 'Invalid';
}

/** Everything about one run over the policies of a write. */
interface Run {
  readonly attributes: AdmissionAttributes;
  readonly objects: VersionedObjects;
  readonly turns: Turns;
  readonly failures: Failure[];
  /** A mutation has been made, if only to the same. */
  touched: boolean;
}

/** Upstream's MutatingAdmissionPolicy: changes objects by expressions, one policy after the other. */
export class MutatingPolicies implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionPolicy';
  readonly #cache: WatchCache;
  readonly #matcher: PolicyMatcher;
  readonly #source: PolicySource<MutatingPolicy>;

  constructor(cache: WatchCache, matcher: PolicyMatcher, engine: ExpressionEngine) {
    this.#cache = cache;
    this.#matcher = matcher;
    const [policies, bindings] = ['mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'];
    this.#source = new PolicySource(cache, policies, bindings, (object) => compileMutatingPolicy(object, engine));
  }

  admit(attributes: AdmissionAttributes): Promise<void> | void {
    if (attributes.object === undefined || exemptFromPolicies(attributes)) return;
    const policies = this.#source.of(attributes.cluster);
    if (policies instanceof Promise) return policies.then((loaded) => this.#run(loaded, attributes));
    if (policies.length > 0) return this.#run(policies, attributes);
  }

  async #run(policies: readonly BoundPolicy<MutatingPolicy>[], attributes: AdmissionAttributes): Promise<void> {
    const { reinvocation, object } = attributes;
    const turns = reinvocation.memory(this, () => new Turns());
    if (reinvocation.isAgain && !turns.isAsLeft(object)) turns.changed();
    const run: Run = { attributes, objects: new VersionedObjects(attributes), turns, failures: [], touched: false };
    // Who is in force is found out before anything changes, so that one policy does not decide about another.
    for (const invocation of await this.#invocations(policies, run)) await this.#invoke(invocation, run);
    if (run.touched) {
      turns.changed();
      reinvocation.ask();
    }
    turns.leave(object);
    const counted = run.failures.filter(({ policy }) => !policy.ignoresFailures);
    if (counted.length > 0) throw refusal(attributes, counted);
  }

  async #invocations(
    policies: readonly BoundPolicy<MutatingPolicy>[],
    { attributes, failures }: Run,
  ): Promise<PolicyInvocation<MutatingPolicy>[]> {
    const invocations: PolicyInvocation<MutatingPolicy>[] = [];
    for (const bound of policies) {
      for await (const match of this.#matcher.match(bound, attributes)) {
        if ('version' in match) invocations.push(match);
        else failures.push({ ...match, reason: '' });
      }
    }
    return invocations;
  }

  async #invoke(invocation: PolicyInvocation<MutatingPolicy>, run: Run): Promise<void> {
    const namespace = await namespaceObject(run.attributes, this.#cache);
    for (const params of invocation.params) {
      const input = await policyInput(invocation.version, run.attributes, run.objects, namespace);
      await turn(invocation, { ...input, params }, run);
    }
  }
}

function compileMutatingPolicy(object: KubeObject, engine: ExpressionEngine): MutatingPolicy {
  const policy = compilePolicy(object, engine);
  const { spec, environment, hasParams: params } = policy;
  const mutations = readObjects(spec, 'mutations').map((mutation): Mutation => {
    const json = readString(mutation, 'patchType') === 'JSONPatch';
    const holder = readObject(mutation, json ? 'jsonPatch' : 'applyConfiguration') ?? {};
    const purpose = json ? 'jsonPatch' : 'applyConfiguration';
    const patch = environment.compile([readString(holder, 'expression')], { purpose, params, authorizer: true });
    return { patchType: json ? 'JSONPatch' : 'ApplyConfiguration', patch };
  });
  return { ...policy, mutations, reinvocable: readString(spec, 'reinvocationPolicy') === 'IfNeeded' };
}

/** One policy with one set of parameters. */
async function turn(
  { policy, binding, version }: PolicyInvocation<MutatingPolicy>,
  input: ExpressionInput,
  run: Run,
): Promise<void> {
  const fail = (message: string): number => run.failures.push({ policy, binding, message, reason: 'Invalid' });
  const condition = conditionsHold(policy.conditions, input);
  if ('error' in condition) fail(condition.error);
  if (!('matches' in condition) || !condition.matches) return;
  const id = turnId(policy, binding, input.params);
  const { reinvocation } = run.attributes;
  if (reinvocation.isAgain && !run.turns.getsAnother(id)) return;
  const { object: before } = await run.objects.in(version.form);
  for (const mutation of policy.mutations) {
    const why = await mutate(mutation, version, input, run);
    if (why !== undefined) fail(why);
  }
  const { object: after } = await run.objects.in(version.form);
  if (!deepEqual(before, after)) {
    run.turns.changed();
    reinvocation.ask();
  }
  if (policy.reinvocable) run.turns.had(id);
}

/** Makes one mutation; returns why it could not be made. Throws 500. */
async function mutate(
  mutation: Mutation,
  { form }: PolicyInvocation<MutatingPolicy>['version'],
  input: ExpressionInput,
  run: Run,
): Promise<string | undefined> {
  const { attributes, objects } = run;
  const { object, type } = attributes;
  const { object: shown, old } = await objects.in(form);
  if (shown === undefined || object === undefined) return undefined;
  try {
    const changed = mutated(mutation, { ...input, object: shown, oldObject: old }, shown, form);
    replaceContents(object, await form.takeBack(changed, object, type));
  } catch (error) {
    if (error instanceof MutationError) return error.message;
    if (error instanceof StatusError && error.code < 500) throw newInternalError(error.message);
    throw error;
  }
  objects.changed();
  run.touched = true;
  return undefined;
}

function turnId(policy: MutatingPolicy, binding: PolicyBinding, params: JsonObject | undefined): string {
  const { name = '', namespace = '' } = (params && readObject(params, 'metadata')) ?? {};
  return [policy.name, binding.name, String(namespace), String(name)].join('/');
}

/** All that went wrong as causes; the first is the message. */
function refusal(attributes: AdmissionAttributes, failures: readonly Failure[]): StatusError {
  const { status } = admissionForbidden(attributes, 'admission request denied by policy');
  const causes = failures.map(({ policy, binding, message }) => {
    const bound = binding === undefined ? '' : ` with binding '${binding.name}'`;
    return { message: `policy '${policy.name}'${bound} denied request: ${message}` };
  });
  const reason = failures[0]?.reason || 'Forbidden';
  return new StatusError(403, reason, causes[0]?.message ?? '', { ...status.details, causes });
}
