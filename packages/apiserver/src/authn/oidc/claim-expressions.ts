import { kubernetesEnvironment } from '@kcp/apimachinery/cel/kubernetes';
import type { Program } from '@kcp/apimachinery/cel/program';
import { adaptAny } from '@kcp/apimachinery/cel/schema/adapter';
import { toJson } from '@kcp/apimachinery/cel/schema/to-json';
import { type CelType, DYN, mapType, STRING } from '@kcp/apimachinery/cel/types/cel-type';
import { CelError } from '@kcp/apimachinery/cel/values/cel-error';
import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';
import { TokenFault } from '../token.js';

/** What an expression is about: the claims of a token, or the user that was made of them. */
export type Subject = 'claims' | 'user';

const ENVIRONMENTS = {
  claims: kubernetesEnvironment({ variables: { claims: mapType(STRING, DYN) } }),
  user: kubernetesEnvironment({ variables: { user: mapType(STRING, DYN) } }),
};

/** An expression of a configuration, compiled. */
export class ClaimExpression {
  readonly text: string;
  readonly #subject: Subject;
  readonly #program: Program;

  private constructor(text: string, subject: Subject, program: Program) {
    this.text = text;
    this.#subject = subject;
    this.#program = program;
  }

  /** The expression, or why it is none. */
  static compile(text: string, subject: Subject, types: readonly CelType[]): ClaimExpression | string {
    const compiled = ENVIRONMENTS[subject].compile(text, types);
    return compiled.ok ? new ClaimExpression(text, subject, compiled.program) : compiled.message;
  }

  /** Throws TokenFault when it fails. */
  evaluate(value: JsonObject): JsonValue {
    const result = this.#program.evaluate({ [this.#subject]: adaptAny(value) });
    const json = result.value instanceof CelError ? undefined : toJson(result.value);
    if (json !== undefined) return json;
    const why = result.value instanceof CelError ? result.value.message : 'the result is no JSON';
    throw new TokenFault(`oidc: expression '${this.text}' resulted in error: ${why}`);
  }
}
