/** An expression that is known beforehand to fail, such as `duration('x')`; no program can be made of it. */
export class PlanError extends Error {}
