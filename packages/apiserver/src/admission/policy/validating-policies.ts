import { StatusError } from '@kcp/apimachinery/errors/status-error';
import { stringify } from '@kcp/apimachinery/json/stringify';
import type { WatchCache } from '@kcp/storage/cache';
import { AUDIT_ANNOTATION_LENGTH_MAX } from '../../limits.js';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import { exemptFromPolicies } from '../exempt.js';
import type { ExpressionEngine } from '../expression-engine.js';
import { admissionForbidden } from '../forbidden.js';
import { VersionedObjects } from '../versioned-objects.js';
import { type Judgement, judge, type Violation } from './judge.js';
import { namespaceObject } from './namespace-object.js';
import type { PolicyBinding } from './policy.js';
import { policyInput } from './policy-input.js';
import type { PolicyInvocation, PolicyMatcher } from './policy-match.js';
import { type BoundPolicy, PolicySource } from './policy-source.js';
import { compileValidatingPolicy, type ValidatingPolicy } from './validating-policy.js';

const REASON_CODES: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
};
const INVALID_CODE = 422;
const FAILURE_ANNOTATION = 'validation.policy.admission.k8s.io/validation_failure';

/** Why a write is refused. */
interface Denial {
  readonly policy: ValidatingPolicy;
  readonly binding: PolicyBinding | undefined;
  readonly message: string;
  readonly reason: string;
}

/** Upstream's ValidatingAdmissionPolicy: refuses, warns or notes what the policies in force do not allow. */
export class ValidatingPolicies implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionPolicy';
  readonly #cache: WatchCache;
  readonly #matcher: PolicyMatcher;
  readonly #source: PolicySource<ValidatingPolicy>;

  constructor(cache: WatchCache, matcher: PolicyMatcher, engine: ExpressionEngine) {
    this.#cache = cache;
    this.#matcher = matcher;
    const [policies, bindings] = ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'];
    this.#source = new PolicySource(cache, policies, bindings, (object) => compileValidatingPolicy(object, engine));
  }

  validate(attributes: AdmissionAttributes): Promise<void> | void {
    if (exemptFromPolicies(attributes)) return;
    const policies = this.#source.of(attributes.cluster);
    if (policies instanceof Promise) return policies.then((loaded) => this.#run(loaded, attributes));
    if (policies.length > 0) return this.#run(policies, attributes);
  }

  async #run(policies: readonly BoundPolicy<ValidatingPolicy>[], attributes: AdmissionAttributes): Promise<void> {
    const objects = new VersionedObjects(attributes);
    const denials: Denial[] = [];
    for (const bound of policies) {
      const annotations = new Annotations();
      for await (const match of this.#matcher.match(bound, attributes)) {
        if ('version' in match) denials.push(...(await this.#judge(match, attributes, objects, annotations)));
        else if (!match.policy.ignoresFailures) denials.push({ ...match, reason: '' });
      }
      annotations.publish(bound.policy, attributes);
    }
    const [first] = denials;
    if (first !== undefined) throw denied(attributes, first);
  }

  async #judge(
    { policy, binding, version, params }: PolicyInvocation<ValidatingPolicy>,
    attributes: AdmissionAttributes,
    objects: VersionedObjects,
    annotations: Annotations,
  ): Promise<Denial[]> {
    const namespace = await namespaceObject(attributes, this.#cache);
    const input = await policyInput(version, attributes, objects, namespace);
    return params.flatMap((each) => {
      const judgement = judge(policy, { ...input, params: each });
      annotations.add(judgement);
      return [
        ...judgement.violations.flatMap((violation) => act(policy, binding, violation, attributes)),
        ...judgement.auditErrors.map((message) => ({ policy, binding, message, reason: '' })),
      ];
    });
  }
}

/** Does what the binding wants done about a violation; returns the refusal, if that is it. */
function act(
  policy: ValidatingPolicy,
  binding: PolicyBinding,
  violation: Violation,
  attributes: AdmissionAttributes,
): Denial[] {
  const { message, reason } = violation;
  if (binding.actions.includes('Audit')) annotateFailure(policy, binding, violation, attributes);
  if (binding.actions.includes('Warn')) {
    const from = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`;
    attributes.warn(`Validation failed for ${from}: ${message}`);
  }
  return binding.actions.includes('Deny') ? [{ policy, binding, message, reason }] : [];
}

function annotateFailure(
  policy: ValidatingPolicy,
  { name, actions }: PolicyBinding,
  { index, message }: Violation,
  attributes: AdmissionAttributes,
): void {
  const failure = {
    message,
    policy: policy.name,
    binding: name,
    expressionIndex: index,
    validationActions: [...actions],
  };
  attributes.annotate(FAILURE_ANNOTATION, stringify([failure]));
}

function denied(attributes: AdmissionAttributes, { policy, binding, message, reason }: Denial): StatusError {
  const bound = binding === undefined ? '' : ` with binding '${binding.name}'`;
  const text = `ValidatingAdmissionPolicy '${policy.name}'${bound} denied request: ${message}`;
  const { status } = admissionForbidden(attributes, text);
  const details = { ...status.details, causes: [{ message: text }] };
  return new StatusError(REASON_CODES[reason] ?? INVALID_CODE, reason || 'Invalid', status.message ?? text, details);
}

/** The audit annotations of one policy over all its bindings and parameters: different values of a key stand together. */
class Annotations {
  readonly #values = new Map<string, Set<string>>();

  add({ auditAnnotations }: Judgement): void {
    for (const [key, value] of auditAnnotations) {
      const cut = value.slice(0, AUDIT_ANNOTATION_LENGTH_MAX);
      const known = this.#values.get(key);
      if (known === undefined) this.#values.set(key, new Set([cut]));
      else known.add(cut);
    }
  }

  publish({ name }: ValidatingPolicy, attributes: AdmissionAttributes): void {
    for (const [key, values] of this.#values) attributes.annotate(`${name}/${key}`, [...values].join(', '));
  }
}
