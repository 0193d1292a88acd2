/** A selector that cannot be used. The text is upstream's; the API answers it with 400 BadRequest. */
export class SelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }
}

/** Longest selector text that is parsed, in UTF-16 units. */
export const SELECTOR_MAX_LENGTH = 64 * 1024;
/** Most requirements in one selector. */
export const SELECTOR_MAX_REQUIREMENTS = 1000;

/** Refuses what is too long to be parsed. */
export function checkSelectorLength(text: string): void {
  if (text.length > SELECTOR_MAX_LENGTH) {
    throw new SelectorError(`selector is too long: may not be more than ${SELECTOR_MAX_LENGTH} characters`);
  }
}

/** Refuses selectors with too many requirements. */
export function checkRequirementCount(count: number): void {
  if (count > SELECTOR_MAX_REQUIREMENTS) {
    throw new SelectorError(`selector has too many requirements: must have at most ${SELECTOR_MAX_REQUIREMENTS}`);
  }
}
