import type { FieldError } from '@kcp/apimachinery/errors/field-error';
import type { ApiSpec } from '../apis/api-spec.js';
import type { UpdateStrategy } from '../apis/views.js';
import { sharedApi } from './shared-api.js';

/** An import as it comes to the negotiation. */
export interface Candidate {
  readonly name: string;
  readonly location: string;
  readonly strategy: UpdateStrategy;
  /** It agreed already, in the state that it is in. */
  readonly party: boolean;
  readonly api: ApiSpec;
}

/** What a negotiation starts from. */
export type Ground =
  /** A definition that somebody made by hand: it decides, and nothing narrows it. */
  | { readonly kind: 'enforced'; readonly api: ApiSpec }
  /** What was negotiated so far, by whom, and whether it is served. */
  | {
      readonly kind: 'agreed';
      readonly api: ApiSpec;
      readonly published: boolean;
      readonly locations: readonly string[];
    }
  | { readonly kind: 'none' };

export interface Agreement {
  readonly api: ApiSpec;
  /** Per import, by name: what keeps it from agreeing; empty for those that agree. */
  readonly verdicts: ReadonlyMap<string, readonly FieldError[]>;
  /** Who agrees, sorted. */
  readonly locations: readonly string[];
}

/**
 * What the clusters that serve an API have in common. Those that agreed before are brought together first, so that what
 * only a cluster that is gone had asked for is asked for no longer; then each newcomer is judged by that, and may narrow
 * it where its strategy says so. Nobody who agreed is left out for the sake of a newcomer. `candidates` is not empty; the
 * result depends on nothing but the arguments and their order.
 */
export function agree(ground: Ground, candidates: readonly Candidate[]): Agreement {
  const verdicts = new Map<string, readonly FieldError[]>();
  const parties = ground.kind === 'enforced' ? [] : candidates.filter(({ party }) => party);
  const table = new Table(verdicts, baseOf(ground, parties, candidates));
  for (const party of parties) table.hear(party, true);
  for (const newcomer of candidates) {
    if (!verdicts.has(newcomer.name)) table.hear(newcomer, mayNarrow(newcomer, ground));
  }
  const agreeing = candidates.filter(({ name }) => verdicts.get(name)?.length === 0);
  return { api: table.api, verdicts, locations: agreeing.map(({ location }) => location).sort() };
}

/**
 * Where the comparison begins: with what was agreed as long as somebody who agreed to it has changed since, so that he is
 * judged by it; otherwise with those who agree, and where nobody who ever agreed is left, with whoever came first.
 */
function baseOf(ground: Ground, parties: readonly Candidate[], candidates: readonly Candidate[]): ApiSpec {
  if (ground.kind === 'enforced') return ground.api;
  if (ground.kind === 'agreed' && isInQuestion(ground, candidates)) return ground.api;
  const first = parties[0] ?? candidates[0];
  if (first === undefined) throw new TypeError('nobody is there to agree');
  return first.api;
}

/** It was made by hand, or somebody who agreed to it is still there but no longer what he was. */
function isInQuestion({ locations }: Ground & { kind: 'agreed' }, candidates: readonly Candidate[]): boolean {
  return locations.length === 0 || candidates.some(({ location, party }) => !party && locations.includes(location));
}

function mayNarrow({ strategy }: Candidate, ground: Ground): boolean {
  if (ground.kind === 'enforced' || strategy === 'UpdateNever') return false;
  return strategy === 'UpdatePublished' || ground.kind === 'none' || !ground.published;
}

class Table {
  api: ApiSpec;
  readonly #verdicts: Map<string, readonly FieldError[]>;

  constructor(verdicts: Map<string, readonly FieldError[]>, base: ApiSpec) {
    this.#verdicts = verdicts;
    this.api = base;
  }

  hear({ name, api }: Candidate, narrow: boolean): void {
    // Whoever needs no narrowing is not asked whether he may.
    const kept = sharedApi(this.api, api, false);
    const { errors, api: narrowed } = kept.errors.length === 0 || !narrow ? kept : sharedApi(this.api, api, true);
    this.#verdicts.set(name, errors);
    if (errors.length === 0) this.api = narrowed;
  }
}
