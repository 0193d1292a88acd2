import { CelScope, type CompiledExpression } from '@kcp/apimachinery/cel/admission/expression-scope';
import type {
  ExpressionChecker,
  ExpressionFault,
  ExpressionScope,
} from '../../builtins/admissionregistration/expression-checker.js';

/** Judges expressions when a policy or webhook configuration is written. */
export const CEL_CHECKER: ExpressionChecker = {
  scope({ variables }): ExpressionScope {
    const scope = new CelScope(variables);
    return {
      check: (expression, site) => faultOf(scope.compile(expression, site)),
      declare: (name, expression, site) => faultOf(scope.declare(name, expression, site)),
    };
  },
};

function faultOf(compiled: CompiledExpression): ExpressionFault | undefined {
  return 'fault' in compiled ? { kind: 'invalid', detail: compiled.fault } : undefined;
}
