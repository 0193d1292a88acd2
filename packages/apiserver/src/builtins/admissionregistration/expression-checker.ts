import type { ExpressionSite } from '@kcp/apimachinery/cel/admission/expression-site';
import { type FieldError, internalFieldError, invalid, required } from '@kcp/apimachinery/errors/field-error';

/** Why an expression is refused, in upstream's words (`compilation failed: …`, `must evaluate to bool but got int`). */
export interface ExpressionFault {
  readonly kind: 'invalid' | 'required' | 'internal';
  readonly detail: string;
}

/** The expressions of one policy, in the order in which they stand: later ones see the variables declared before. */
export interface ExpressionScope {
  check(expression: string, site: ExpressionSite): ExpressionFault | undefined;
  /** Checks a variable's expression and makes it known as `variables.NAME`, also when it is faulty. */
  declare(name: string, expression: string, site: ExpressionSite): ExpressionFault | undefined;
}

/** Compiles and type-checks CEL expressions of admission. */
export interface ExpressionChecker {
  /** Without `variables` that name means nothing. */
  scope(options: { readonly variables: boolean }): ExpressionScope;
}

/** The fault of an expression as a field error. */
export function expressionErrors(fault: ExpressionFault | undefined, expression: string, field: string): FieldError[] {
  switch (fault?.kind) {
    case undefined:
      return [];
    case 'required':
      return [required(field, fault.detail)];
    case 'invalid':
      return [invalid(field, expression, fault.detail)];
    case 'internal':
      return [internalFieldError(field, fault.detail)];
  }
}
