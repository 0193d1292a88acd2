import type { ExpressionEngine } from '../admission/expression-engine.js';

/** For a server without CEL: every expression is an error, so failurePolicy decides about those who have any. */
export const NO_ENGINE: ExpressionEngine = {
  environment: () => ({
    compile: (expressions) => ({
      evaluate: (_input, remainingBudget) => ({
        outcomes: expressions.map(() => ({ error: 'this server evaluates no expressions' })),
        remainingBudget,
      }),
    }),
  }),
};
