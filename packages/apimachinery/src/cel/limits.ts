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
/** Most nodes of an expression after its macros are expanded; some copy their target. */
export const CEL_NODES_MAX = 60_000;
/** Most parts of a type: maps of maps can double with each step. */
export const CEL_TYPE_PARTS_MAX = 10_000;
/** Most items of a list that an expression makes; concatenation counts 1 whatever the size. */
export const CEL_LIST_ITEMS_MAX = 5_000_000;
/** Longest text that one call makes, in UTF-16 units; the cost of some calls does not depend on it. */
export const CEL_TEXT_MAX = 16_000_000;
/** Longest text that is read as a duration, and most digits that are read as an integer. */
export const CEL_NUMBER_TEXT_MAX = 256;
/** Most compiled regular expressions that are kept for patterns known only at run time. */
export const CEL_PATTERNS_MAX = 256;
