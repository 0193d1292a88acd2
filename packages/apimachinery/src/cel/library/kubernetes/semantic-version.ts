import { goQuote } from '../../../errors/go-quote.js';
import { CEL_NUMBER_TEXT_MAX } from '../../limits.js';
import { UINT_MAX } from '../../values/number.js';

/** A version by semver.org, 2.0.0. */
export interface SemanticVersion {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Parts of the pre-release; numeric ones as bigint. */
  readonly pre: readonly (string | bigint)[];
}

/** A text that is no version; the message is upstream's (blang/semver). */
export class SemanticVersionError extends Error {}

/** Parses `1.2.3-beta.1+build`. Throws SemanticVersionError. */
export function parseSemanticVersion(text: string): SemanticVersion {
  if (text === '') throw new SemanticVersionError('Version string empty');
  const [major, minor, rest] = splitInThree(text);
  if (major === undefined || minor === undefined || rest === undefined) {
    throw new SemanticVersionError('No Major.Minor.Patch elements found');
  }
  const numbers = [readNumber('major', 'Major', major), readNumber('minor', 'Minor', minor)] as const;
  const plus = rest.indexOf('+');
  const build = plus < 0 ? [] : rest.slice(plus + 1).split('.');
  const core = plus < 0 ? rest : rest.slice(0, plus);
  const dash = core.indexOf('-');
  const patch = readNumber('patch', 'Patch', dash < 0 ? core : core.slice(0, dash));
  const pre =
    dash < 0
      ? []
      : core
          .slice(dash + 1)
          .split('.')
          .map(readPreRelease);
  for (const part of build) checkBuild(part);
  return { major: numbers[0], minor: numbers[1], patch, pre };
}

/** Before parsing: drops a leading `v` and zeros, and adds missing parts (`v1.02` → `1.2.0`). */
export function normalizeSemanticVersion(text: string): string {
  const parts = splitInThree(text.replace(/^v/, '')).map((part) => {
    if (part.length <= 1) return part;
    const trimmed = part.replace(/^0+/, '');
    return /^\d/.test(trimmed) ? trimmed : `0${trimmed}`;
  });
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) {
    throw new SemanticVersionError('short version cannot contain PreRelease/Build meta data');
  }
  while (parts.length < 3) parts.push('0');
  return parts.join('.');
}

function splitInThree(text: string): string[] {
  const parts = text.split('.');
  return parts.length <= 3 ? parts : [...parts.slice(0, 2), parts.slice(2).join('.')];
}

function readNumber(name: string, title: string, text: string): bigint {
  if (!/^\d*$/.test(text)) {
    throw new SemanticVersionError(`Invalid character(s) found in ${name} number ${goQuote(text)}`);
  }
  if (/^0\d/.test(text))
    throw new SemanticVersionError(`${title} number must not contain leading zeroes ${goQuote(text)}`);
  return readUint(text);
}

function readUint(text: string): bigint {
  if (text === '') throw new SemanticVersionError('strconv.ParseUint: parsing "": invalid syntax');
  const value = text.length > CEL_NUMBER_TEXT_MAX ? UINT_MAX + 1n : BigInt(text);
  if (value > UINT_MAX)
    throw new SemanticVersionError(`strconv.ParseUint: parsing ${goQuote(text)}: value out of range`);
  return value;
}

function readPreRelease(text: string): string | bigint {
  if (text === '') throw new SemanticVersionError('Prerelease is empty');
  if (/^\d+$/.test(text)) {
    if (!/^0\d/.test(text)) return readUint(text);
    throw new SemanticVersionError(`Numeric PreRelease version must not contain leading zeroes ${goQuote(text)}`);
  }
  if (/^[0-9A-Za-z-]+$/.test(text)) return text;
  throw new SemanticVersionError(`Invalid character(s) found in prerelease ${goQuote(text)}`);
}

function checkBuild(text: string): void {
  if (text === '') throw new SemanticVersionError('Build meta data is empty');
  if (/^[0-9A-Za-z-]+$/.test(text)) return;
  throw new SemanticVersionError(`Invalid character(s) found in build meta data ${goQuote(text)}`);
}

/** Precedence: negative, zero or positive. Build metadata do not count. */
export function compareSemanticVersions(a: SemanticVersion, b: SemanticVersion): number {
  for (const part of ['major', 'minor', 'patch'] as const) if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1;
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length);
  for (let i = 0; i < Math.min(a.pre.length, b.pre.length); i++) {
    const order = comparePart(a.pre[i] ?? '', b.pre[i] ?? '');
    if (order !== 0) return order;
  }
  return Math.sign(a.pre.length - b.pre.length);
}

function comparePart(a: string | bigint, b: string | bigint): number {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}
