/** The budget of an evaluation is used up, or one step would make a value beyond all budgets. */
export class CostExceeded extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}
