import { type CelLibrary, declare, type FunctionDecl } from '../../check/declarations.js';
import { CelError, NO_SUCH_OVERLOAD } from '../../values/cel-error.js';
import { normalInt } from '../../values/number.js';
import { CelOpaque, type CelValue } from '../../values/value.js';
import {
  compareSemanticVersions,
  normalizeSemanticVersion,
  parseSemanticVersion,
  type SemanticVersion,
  SemanticVersionError,
} from './semantic-version.js';

class SemverValue extends CelOpaque {
  readonly typeName = 'kubernetes.Semver';
  readonly version: SemanticVersion;

  constructor(version: SemanticVersion) {
    super();
    this.version = version;
  }

  equals(other: CelValue): boolean {
    return other instanceof SemverValue && compareSemanticVersions(this.version, other.version) === 0;
  }
}

/** Reads a version; `normalize` is true to be lenient. */
function read(text: CelValue, normalize: CelValue): SemverValue | CelError {
  if (typeof text !== 'string') return NO_SUCH_OVERLOAD;
  try {
    return new SemverValue(parseSemanticVersion(normalize === true ? normalizeSemanticVersion(text) : text));
  } catch (error) {
    if (error instanceof SemanticVersionError) return new CelError(error.message);
    throw error;
  }
}

const is = (text: CelValue, normalize: CelValue): boolean => read(text, normalize) instanceof SemverValue;
const S = 'kubernetes.Semver';

function comparing(name: string, id: string, result: string, decide: (order: number) => CelValue): FunctionDecl {
  return declare(name, [
    id,
    `.${S}, ${S} -> ${result}`,
    (a, b) =>
      a instanceof SemverValue && b instanceof SemverValue
        ? decide(compareSemanticVersions(a.version, b.version))
        : NO_SUCH_OVERLOAD,
  ]);
}

function part(name: 'major' | 'minor' | 'patch'): FunctionDecl {
  return declare(name, [
    `semver_${name}`,
    `.${S} -> int`,
    (value) => (value instanceof SemverValue ? normalInt(value.version[name]) : NO_SUCH_OVERLOAD),
  ]);
}

/** Kubernetes' functions of semantic versions. */
export const SEMVER_FUNCTIONS: CelLibrary = {
  functions: [
    declare(
      'semver',
      ['string_to_semver', `string -> ${S}`, read],
      ['string_bool_to_semver', `string, bool -> ${S}`, read],
    ),
    declare(
      'isSemver',
      ['is_semver_string', 'string -> bool', is],
      ['is_semver_string_bool', 'string, bool -> bool', is],
    ),
    comparing('isGreaterThan', 'semver_is_greater_than', 'bool', (order) => order > 0),
    comparing('isLessThan', 'semver_is_less_than', 'bool', (order) => order < 0),
    comparing('compareTo', 'semver_compare_to', 'int', (order) => order),
    part('major'),
    part('minor'),
    part('patch'),
  ],
};
