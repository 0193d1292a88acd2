/** Most code points of an expression. */
export const CEL_CODE_POINTS_MAX = 100_000;
/** Deepest nesting of one grammar rule, and of expressions as a whole. */
export const CEL_NESTING_MAX = 250;
/** Most attempts to go on after a syntax error. */
export const CEL_SYNTAX_RECOVERIES_MAX = 30;
/** Most errors that are reported of one expression. */
export const CEL_ERRORS_MAX = 100;
/** Longest line of source that an error message shows. */
export const CEL_SNIPPET_MAX = 16_384;
/** Cost that one evaluation may have, unless the caller says otherwise (`PerCallLimit` upstream). */
export const CEL_COST_PER_CALL = 1_000_000;
/** Cost that all evaluations for one object may have (`RuntimeCELCostBudget` upstream); callers count it. */
export const CEL_COST_PER_OBJECT = 10_000_000;
/** Most compiled regular expressions that are kept for patterns known only at run time. */
export const CEL_PATTERNS_MAX = 256;
