import { celTypeOfStruct } from '@kcp/apimachinery/cel/admission/built-in-type';
import { declaredType } from '@kcp/apimachinery/cel/schema/declared-type';
import type { CelType } from '@kcp/apimachinery/cel/types/cel-type';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { compileSchema } from '@kcp/apimachinery/schema/compile';
import { readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { typeOf } from '@kcp/apimachinery/types/type-of';
import { Informer } from '@kcp/client/informer/informer';
import type { ObjectKey } from '@kcp/client/informer/object-key';
import type { Client } from '@kcp/client/rest/client';
import { Controller } from '../controller/controller.js';
import type { Environment } from '../controller/environment.js';
import { unlessGone } from '../controller/unless-gone.js';
import { DEFINITIONS } from '../definition/definition-informer.js';
import { POLICIES_AT_ONCE } from '../limits.js';
import { type CheckedKind, checkedKinds } from './checked-kinds.js';
import { type TypedKind, typeWarnings } from './type-warnings.js';

const POLICIES = { group: 'admissionregistration.k8s.io', version: 'v1', resource: 'validatingadmissionpolicies' };

/** What is kept of a policy: whether its present form has been looked at. */
interface PolicyDigest {
  readonly checked: boolean;
}

/** Checks the expressions of validating admission policies against the types that they name, into their status. */
export class PolicyStatusController {
  readonly #environment: Environment;
  readonly #policies: Informer<PolicyDigest>;
  readonly #controller: Controller<ObjectKey>;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#policies = new Informer<PolicyDigest>({
      ...environment,
      resource: POLICIES,
      keep: (policy) => ({ checked: isChecked(policy) }),
      indexers: {},
      onError: (error) => environment.log.warn('admission policies cannot be watched', { error }),
    });
    this.#controller = new Controller({
      name: 'policy status',
      environment,
      sources: [this.#policies],
      textOf: ({ cluster, name }) => `${cluster}/${name}`,
      workers: POLICIES_AT_ONCE,
      reconcile: async (key, signal) => {
        await this.#reconcile(key, signal);
        return undefined;
      },
    });
    this.#policies.subscribe(({ key, after }) => {
      if (after !== undefined && !after.value.checked) this.#controller.enqueue(key);
    });
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
    await this.#policies.stop();
  }

  async #reconcile({ cluster, name }: ObjectKey, signal: AbortSignal): Promise<void> {
    const client = this.#environment.client.in(cluster);
    const policy = await unlessGone(client.get(POLICIES, { name }, { signal }));
    if (policy === undefined || isChecked(policy)) return;
    const spec = readObject(policy, 'spec') ?? {};
    const kinds = await typedKinds(client, checkedKinds(spec, await client.discover({ signal })), signal);
    const expressionWarnings = typeWarnings(spec, kinds);
    policy.status = {
      ...readObject(policy, 'status'),
      observedGeneration: policy.metadata.generation ?? 0,
      typeChecking: expressionWarnings.length === 0 ? {} : { expressionWarnings },
    };
    await unlessGone(client.update(POLICIES, policy, { subresource: 'status', signal }));
  }
}

function isChecked(policy: KubeObject): boolean {
  const observed = readNumber(readObject(policy, 'status') ?? {}, 'observedGeneration');
  return observed === policy.metadata.generation;
}

async function typedKinds(client: Client, kinds: readonly CheckedKind[], signal: AbortSignal): Promise<TypedKind[]> {
  const types = await Promise.all(kinds.map((kind) => typeOfKind(client, kind, signal)));
  return kinds.flatMap(({ gvk }, index) => {
    const type = types[index];
    return type === undefined ? [] : [{ gvk, type }];
  });
}

/** Undefined for a version that is not served, or a type of which nothing is known. */
async function typeOfKind(
  client: Client,
  { gvk, resource }: CheckedKind,
  signal: AbortSignal,
): Promise<CelType | undefined> {
  const builtin = typeOf(gvk);
  if (builtin !== undefined) return celTypeOfStruct(builtin);
  const name = `${resource}.${gvk.group === '' ? 'core' : gvk.group}`;
  const definition = await unlessGone(client.get(DEFINITIONS, { name }, { signal }));
  const versions = readObjects(readObject(definition ?? {}, 'spec') ?? {}, 'versions');
  const version = versions.find((each) => readString(each, 'name') === gvk.version);
  const schema = readObject(readObject(version ?? {}, 'schema') ?? {}, 'openAPIV3Schema');
  return schema === undefined ? undefined : declaredType(compileSchema(schema), gvk.kind, true)?.type;
}
