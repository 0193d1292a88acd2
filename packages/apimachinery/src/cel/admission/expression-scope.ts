import type { CompileFailure, Environment, Variables } from '../environment.js';
import { kubernetesEnvironment } from '../kubernetes.js';
import { AUTHORIZER_TYPE, RESOURCE_CHECK_TYPE } from '../library/kubernetes/authorizer.js';
import { JSON_PATCH_TYPE, OBJECT_TYPE } from '../library/kubernetes/mutation-types.js';
import type { Program } from '../program.js';
import { BOOL, type CelType, DYN, listType, NULL, STRING, structType } from '../types/cel-type.js';
import type { ExpressionPurpose, ExpressionSite } from './expression-site.js';
import { NAMESPACE_TYPE, REQUEST_TYPE } from './input-types.js';

/** A compiled expression, or why there is none, in upstream's words. */
export type CompiledExpression = { readonly program: Program } | { readonly fault: string };

/** What expressions of one purpose must come to; nothing is wanted of a variable. */
const RESULTS: Readonly<Record<ExpressionPurpose, readonly CelType[]>> = {
  validation: [BOOL],
  matchCondition: [BOOL],
  message: [STRING],
  auditAnnotation: [STRING, NULL],
  variable: [],
  applyConfiguration: [OBJECT_TYPE],
  jsonPatch: [listType(JSON_PATCH_TYPE)],
};

const SHARED = new Map<string, Environment>();

/**
 * What the expressions of one policy or webhook can name. Variables become known one by one: each sees those before it.
 * Without variables, environments are shared by all.
 */
export class CelScope {
  readonly #object: CelType;
  readonly #variables: Map<string, CelType> | undefined;
  readonly #environments: Map<string, Environment>;

  /** `object` is the type of `object` and `oldObject`, where it is known. */
  constructor(variables: boolean, object: CelType = DYN) {
    this.#object = object;
    this.#variables = variables ? new Map() : undefined;
    this.#environments = variables || object !== DYN ? new Map() : SHARED;
  }

  compile(expression: string, site: ExpressionSite): CompiledExpression {
    const compiled = this.#environment(site).compile(expression, RESULTS[site.purpose]);
    return compiled.ok ? { program: compiled.program } : { fault: faultText(compiled) };
  }

  /** Compiles a variable and makes it known, with any type when it is faulty. */
  declare(name: string, expression: string, site: ExpressionSite): CompiledExpression {
    const compiled = this.compile(expression, site);
    this.#variables?.set(name, 'program' in compiled ? compiled.program.type : DYN);
    return compiled;
  }

  #environment({ params, authorizer, purpose }: ExpressionSite): Environment {
    const mutation = purpose === 'applyConfiguration' || purpose === 'jsonPatch';
    const key = `${params} ${authorizer} ${mutation}`;
    let environment = this.#environments.get(key);
    if (environment === undefined) {
      environment = kubernetesEnvironment({ variables: this.#declared(params, authorizer), mutation });
      this.#environments.set(key, environment);
    }
    return environment;
  }

  #declared(params: boolean, authorizer: boolean): Variables {
    return {
      object: this.#object,
      oldObject: this.#object,
      request: REQUEST_TYPE,
      namespaceObject: NAMESPACE_TYPE,
      ...(params ? { params: DYN } : {}),
      ...(authorizer ? { authorizer: AUTHORIZER_TYPE, 'authorizer.requestResource': RESOURCE_CHECK_TYPE } : {}),
      ...(this.#variables === undefined ? {} : { variables: structType('kubernetes.variables', this.#variables) }),
    };
  }
}

function faultText({ stage, message }: CompileFailure): string {
  switch (stage) {
    case 'compilation':
      return `compilation failed: ${message}`;
    case 'instantiation':
      return `program instantiation failed: ${message}`;
    case 'result':
      return message;
  }
}
