const REPEAT = /\{(\d+)(?:(,)(\d*))?\}/y;
/** What follows a backslash and belongs to it: `\p{Greek}`, `\x{10FFFF}`, or one character. */
const ESCAPE = /\\(?:[pPx]\{[^}]*\}|.)?/sy;
/** A class up to its end; a bracket that comes first is one of its characters. */
const CLASS = /\[\^?\]?(?:\[:[^\]]*:\]|\\.|[^\]\\])*\]?/sy;

/** A group, or the whole: its size so far, and that of its last part, which a repetition repeats. */
interface Part {
  size: number;
  last: number;
}

/**
 * About how many instructions a regular expression compiles to, without compiling it: counted repetitions are written
 * out, so a short text may come to millions. Never much less than it is; says nothing of whether the text is correct.
 */
export function patternSize(source: string): number {
  const outer: Part[] = [];
  let part: Part = { size: 0, last: 0 };
  for (let at = 0; at < source.length; ) {
    const char = source.charAt(at);
    if (char === '(') {
      outer.push(part);
      part = { size: 0, last: 0 };
      at++;
    } else if (char === ')') {
      const inner = part.size + 2;
      part = outer.pop() ?? { size: 0, last: 0 };
      add(part, inner);
      at++;
    } else if (char === '{') {
      at += repeat(part, source, at);
    } else {
      add(part, 1);
      at += lengthOf(source, at);
    }
  }
  return outer.reduce((sum, { size }) => sum + size, part.size);
}

function add(part: Part, size: number): void {
  part.size += size;
  part.last = size;
}

/** Returns how long the repetition is as a text; a brace that begins none is a character. */
function repeat(part: Part, source: string, at: number): number {
  REPEAT.lastIndex = at;
  const found = REPEAT.exec(source);
  if (found === null) {
    add(part, 1);
    return 1;
  }
  const [text, least = '', comma, most = ''] = found;
  const times = Math.max(Number(least) + (comma !== undefined && most === '' ? 1 : 0), Number(most), 1);
  const { last } = part;
  part.size += last * (times - 1);
  part.last = last * times;
  return text.length;
}

function lengthOf(source: string, at: number): number {
  const char = source.charAt(at);
  const form = char === '\\' ? ESCAPE : char === '[' ? CLASS : undefined;
  if (form === undefined) return 1;
  form.lastIndex = at;
  return Math.max(form.exec(source)?.[0].length ?? 1, 1);
}
