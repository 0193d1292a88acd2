import type { Expr, MapEntry, StructField } from './expr.js';
import type { Parser } from './parser.js';
import { OPERAND_START, type Token, type TokenKind } from './tokens.js';

const FIELD_START: readonly TokenKind[] = ["'?'", 'IDENTIFIER', 'ESC_IDENTIFIER'];

/** Reads `[…]`, `{…}` or, when a type's name stands here, `a.b.C{…}`. */
export function parseAggregate(parser: Parser, leadingDot?: Token): Expr {
  if (parser.stream.is("'['")) return parseList(parser);
  if (parser.stream.is("'{'")) return parseMap(parser);
  return parseStruct(parser, leadingDot);
}

function parseList(parser: Parser): Expr {
  const id = parser.ids.next(parser.stream.take().start);
  const elements: Expr[] = [];
  const optional = new Set<number>();
  items(parser, "']'", (read) => {
    if (optionalMark(parser)) optional.add(elements.length);
    elements.push(read());
  });
  return { kind: 'list', id, elements, optional };
}

function parseMap(parser: Parser): Expr {
  const id = parser.ids.next(parser.stream.take().start);
  const entries: MapEntry[] = [];
  items(parser, "'}'", (read) => {
    const optional = optionalMark(parser);
    const key = read();
    const colon = parser.stream.expect("':'", (kind) => OPERAND_START.includes(kind));
    entries.push({ id: parser.ids.next(colon.start), key, value: read(), optional });
  });
  return { kind: 'map', id, entries };
}

function parseStruct(parser: Parser, leadingDot: Token | undefined): Expr {
  const { stream } = parser;
  let typeName = (leadingDot === undefined ? '' : '.') + stream.take().text;
  while (stream.takeIf("'.'") !== undefined) typeName += `.${stream.take().text}`;
  const id = parser.ids.next(stream.take().start);
  const fields: StructField[] = [];
  items(
    parser,
    "'}'",
    (read) => {
      const optional = optionalMark(parser);
      const name = stream.sync(FIELD_START) ? parser.fieldName() : undefined;
      const colon = stream.expect("':'", (kind) => OPERAND_START.includes(kind));
      const value = read();
      if (name !== undefined) fields.push({ id: parser.ids.next(colon.start), name, value, optional });
    },
    FIELD_START,
  );
  return { kind: 'struct', id, typeName, fields };
}

/** Comma-separated items up to the closing bracket; one comma may be left over. */
function items(
  parser: Parser,
  close: "']'" | "'}'",
  readItem: (read: () => Expr) => void,
  start: readonly TokenKind[] = [...OPERAND_START, "'?'"],
): void {
  const { stream } = parser;
  let height = 0;
  const read = (): Expr => {
    const expr = parser.expr();
    height = Math.max(height, parser.height);
    return expr;
  };
  const item = (): void => readItem(read);
  const begins = (): boolean => start.includes(stream.current.kind);
  if (!begins() && !stream.is("','") && !stream.is(close)) stream.sync([...start, "','", close]);
  if (begins()) {
    item();
    while (!stream.is(close) && stream.sync([close, "','"]) && stream.is("','")) {
      stream.take();
      if (!begins()) break;
      item();
    }
  } else {
    stream.takeIf("','");
  }
  parser.height = height;
  stream.expect(close, (kind) => kind !== "','");
}

function optionalMark(parser: Parser): boolean {
  const mark = parser.stream.takeIf("'?'");
  if (mark !== undefined && !parser.options.optionalSyntax) parser.stream.errorAt(mark.start, "unsupported syntax '?'");
  return mark !== undefined;
}
