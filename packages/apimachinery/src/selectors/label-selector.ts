import { parseRequirements } from './label-parser.js';
import { type LabelRequirement, requirementMatches, requirementText } from './label-requirement.js';

/** A compiled label selector: all its requirements must hold. */
export class LabelSelector {
  /** Sorted by key. */
  readonly requirements: readonly LabelRequirement[];

  constructor(requirements: readonly LabelRequirement[]) {
    this.requirements = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  /** True when everything matches. */
  get empty(): boolean {
    return this.requirements.length === 0;
  }

  matches(labels: Readonly<Record<string, string>> | undefined): boolean {
    for (const requirement of this.requirements) if (!requirementMatches(requirement, labels)) return false;
    return true;
  }

  /** The only value of the label that can match, if the selector fixes one. */
  requiresExactMatch(key: string): string | undefined {
    const found = this.requirements.find((requirement) => requirement.key === key);
    if (found === undefined || found.values.length !== 1) return undefined;
    return ['=', '==', 'in'].includes(found.operator) ? found.values[0] : undefined;
  }

  /** Canonical text: terms sorted by key, values sorted. */
  toString(): string {
    return this.requirements.map(requirementText).join(',');
  }
}

/** Matches everything. */
export const EVERYTHING = new LabelSelector([]);

/** Parses the text of `labelSelector=`; throws SelectorError in upstream's words. */
export function parseLabelSelector(text: string): LabelSelector {
  return text === '' ? EVERYTHING : new LabelSelector(parseRequirements(text));
}
