/**
 * What an expression is for, which decides what it must evaluate to: bool for `validation` and `matchCondition`, string
 * for `message`, string or null for `auditAnnotation`, `Object` for `applyConfiguration`, a list of `JSONPatch` for
 * `jsonPatch`; a `variable` may be anything.
 */
export type ExpressionPurpose =
  | 'validation'
  | 'matchCondition'
  | 'message'
  | 'auditAnnotation'
  | 'variable'
  | 'applyConfiguration'
  | 'jsonPatch';

/** What an expression may name besides `object`, `oldObject`, `request` and `namespaceObject`. */
export interface ExpressionSite {
  readonly purpose: ExpressionPurpose;
  readonly params: boolean;
  readonly authorizer: boolean;
}
