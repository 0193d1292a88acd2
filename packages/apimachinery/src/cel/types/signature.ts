import {
  ANY,
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  mapType,
  NULL,
  opaqueType,
  STRING,
  structType,
  TIMESTAMP,
  TYPE,
  typeOfType,
  typeParam,
  UINT,
} from './cel-type.js';

const SIMPLE: ReadonlyMap<string, CelType> = new Map([
  ['any', ANY],
  ['bool', BOOL],
  ['bytes', BYTES],
  ['double', DOUBLE],
  ['duration', DURATION],
  ['dyn', DYN],
  ['int', INT],
  ['null', NULL],
  ['string', STRING],
  ['timestamp', TIMESTAMP],
  ['type', TYPE],
  ['uint', UINT],
]);
/** Object types of libraries, one instance per name. */
const structs = new Map<string, CelType>();

/** What a function takes and gives. */
export interface Signature {
  readonly args: readonly CelType[];
  readonly result: CelType;
}

/**
 * Reads a signature as the checker prints it: `list(A), int -> A`. One capital letter is a type parameter, a name with
 * a dot an object type, `net.…` and `optional_type(…)` are opaque.
 */
export function signature(text: string): Signature {
  const reader = new Reader(text);
  const args: CelType[] = [];
  while (!reader.skips('->')) {
    args.push(reader.type());
    reader.skips(',');
  }
  return { args, result: reader.type() };
}

/** Reads one type. */
export function typeNamed(text: string): CelType {
  return new Reader(text).type();
}

class Reader {
  private at = 0;

  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  skips(token: string): boolean {
    while (this.text[this.at] === ' ') this.at++;
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  type(): CelType {
    this.skips('');
    const name = /^[\w.]+/.exec(this.text.slice(this.at))?.[0];
    if (name === undefined) throw new Error(`no type at ${this.at} of ${this.text}`);
    this.at += name.length;
    const params: CelType[] = [];
    if (this.skips('(')) {
      do params.push(this.type());
      while (this.skips(','));
      this.skips(')');
    }
    return makeType(name, params);
  }
}

function makeType(name: string, params: readonly CelType[]): CelType {
  const [first = DYN, second = DYN] = params;
  if (name === 'list') return listType(first);
  if (name === 'map') return mapType(first, second);
  if (name === 'type' && params.length > 0) return typeOfType(first);
  const simple = SIMPLE.get(name);
  if (simple !== undefined) return simple;
  if (/^[A-Z]$/.test(name)) return typeParam(name);
  if (name.startsWith('net.') || params.length > 0) return opaqueType(name, ...params);
  const struct = structs.get(name) ?? structType(name);
  structs.set(name, struct);
  return struct;
}
