import { CEL_CODE_POINTS_MAX, CEL_NESTING_MAX, CEL_NODES_MAX } from '../limits.js';
import { MacroBuilder, NodeIds, TooManyNodes } from './builder.js';
import type { Call, Expr, ParsedExpr } from './expr.js';
import { MacroFault, type MacroTable } from './macro.js';
import {
  CONDITIONAL,
  INDEX,
  LOGICAL_AND,
  LOGICAL_NOT,
  LOGICAL_OR,
  NEGATE,
  OPTIONAL_INDEX,
  OPTIONAL_SELECT,
  PRODUCTS,
  RELATIONS,
  RESERVED,
  SUMS,
} from './operators.js';
import { parseAggregate } from './parse-aggregate.js';
import { parseLiteral } from './parse-literal.js';
import { codePoints, type Issue } from './source.js';
import { ParseAbandoned, TokenStream } from './token-stream.js';
import { describeSet, OPERAND_START, type Token, type TokenKind } from './tokens.js';

/** What the language allows beyond its core. */
export interface ParseOptions {
  readonly macros: MacroTable;
  /** `a.?b`, `a[?i]`, `{?k: v}`, `[?e]`. */
  readonly optionalSyntax: boolean;
  /** Field names in backquotes. */
  readonly escapedIdentifiers: boolean;
}

export type ParseResult =
  | { readonly ok: true; readonly parsed: ParsedExpr }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Parses an expression and expands its macros. Errors have cel-go's texts. */
export function parse(text: string, options: ParseOptions): ParseResult {
  const size = codePoints(text);
  if (size > CEL_CODE_POINTS_MAX) {
    const message = `expression code point size exceeds limit: size: ${size}, limit ${CEL_CODE_POINTS_MAX}`;
    return { ok: false, issues: [{ location: { line: -1, column: -1 }, message }] };
  }
  const parser = new Parser(new TokenStream(text), options);
  const expr = parser.parseAll();
  const { issues } = parser.stream;
  if (expr === undefined || issues.length > 0) return { ok: false, issues };
  return { ok: true, parsed: { text, expr, offsets: parser.ids.offsets } };
}

const MEMBER_FOLLOW: ReadonlySet<TokenKind> = new Set<TokenKind>([
  ...(Object.keys({ ...RELATIONS, ...SUMS, ...PRODUCTS }) as TokenKind[]),
  "'&&'",
  "'||'",
  "'['",
  "']'",
  "'}'",
  "')'",
  "'.'",
  "','",
  "'?'",
  "':'",
  '<EOF>',
]);

/** One parse: grammar rules as methods, lowest precedence first. */
export class Parser {
  readonly ids = new NodeIds();

  readonly stream: TokenStream;
  readonly options: ParseOptions;
  /** How deep operators, selections and calls are nested in the expression that was read last. */
  height = 0;

  constructor(stream: TokenStream, options: ParseOptions) {
    this.stream = stream;
    this.options = options;
  }

  /** The whole expression; undefined when the parse was abandoned. */
  parseAll(): Expr | undefined {
    try {
      const expr = this.expr();
      this.stream.expect('<EOF>', () => false);
      return expr;
    } catch (error) {
      if (error instanceof ParseAbandoned) return undefined;
      if (error instanceof TooManyNodes) {
        this.stream.errorNowhere(`expression node count exceeds limit: ${CEL_NODES_MAX}`);
        return undefined;
      }
      throw error;
    }
  }

  expr(allowed: readonly TokenKind[] = OPERAND_START): Expr {
    this.stream.enter('expr');
    const condition = this.logical("'||'", LOGICAL_OR, allowed);
    let result = condition;
    let { height } = this;
    const question = this.stream.takeIf("'?'");
    if (question !== undefined) {
      const id = this.ids.next(question.start);
      const then = this.logical("'||'", LOGICAL_OR);
      height = Math.max(height, this.height);
      this.stream.expect("':'", (kind) => OPERAND_START.includes(kind));
      result = this.call(id, CONDITIONAL, [condition, then, this.expr()]);
      this.raise(height);
    }
    this.stream.leave('expr');
    return result;
  }

  /** One more level above the last expression and what was before it. */
  raise(before: number): void {
    this.height = Math.max(before, this.height) + 1;
    if (this.height <= CEL_NESTING_MAX) return;
    this.stream.errorNowhere('max recursion depth exceeded');
    throw new ParseAbandoned();
  }

  /** A call that may be a macro. */
  call(id: number, name: string, args: readonly Expr[], target?: Expr): Expr {
    const call: Call = { kind: 'call', id, target, name, args };
    const macro = this.options.macros.find(name, args.length, target !== undefined);
    if (macro === undefined) return call;
    const build = new MacroBuilder(this.ids, this.ids.offsets[id] ?? -1);
    const expanded = macro.expand(build, target ?? call, args);
    if (!(expanded instanceof MacroFault)) return expanded ?? call;
    this.stream.errorAt(this.ids.offsets[expanded.at.id] ?? -1, expanded.message);
    return call;
  }

  /** Stands for what could not be read. */
  placeholder(offset: number): Expr {
    return { kind: 'literal', id: this.ids.next(offset), value: null };
  }

  /** A field's name, in backquotes where that is allowed. */
  fieldName(): string | undefined {
    const token = this.stream.take();
    if (token.kind === 'IDENTIFIER') return token.text;
    if (this.options.escapedIdentifiers) return token.text.slice(1, -1);
    this.stream.errorAt(token.start, "unsupported syntax: '`'");
    return undefined;
  }

  private logical(kind: "'||'" | "'&&'", name: string, allowed: readonly TokenKind[] = OPERAND_START): Expr {
    const operand = (kinds: readonly TokenKind[]): Expr =>
      kind === "'||'" ? this.logical("'&&'", LOGICAL_AND, kinds) : this.relation(kinds);
    const terms = [operand(allowed)];
    const ops: number[] = [];
    let { height } = this;
    for (let op = this.stream.takeIf(kind); op !== undefined; op = this.stream.takeIf(kind)) {
      ops.push(this.ids.next(op.start));
      terms.push(operand(OPERAND_START));
      height = Math.max(height, this.height);
    }
    this.height = height;
    return ops.length === 0 ? (terms[0] ?? this.placeholder(-1)) : balanced(name, terms, ops, 0, ops.length - 1);
  }

  private relation(allowed: readonly TokenKind[]): Expr {
    return this.rule('relation', () => this.chain('relation', RELATIONS, (kinds) => this.sum(kinds), allowed));
  }

  private sum(allowed: readonly TokenKind[]): Expr {
    const products = (kinds: readonly TokenKind[]): Expr =>
      this.chain('calc', PRODUCTS, (inner) => this.unary(inner), kinds);
    return this.rule('calc', () => this.chain('calc', SUMS, products, allowed));
  }

  /** Runs one rule of the grammar, counting how deep it is nested in itself. */
  private rule<T>(name: string, work: () => T): T {
    this.stream.enter(name);
    const result = work();
    this.stream.leave(name);
    return result;
  }

  private chain(
    rule: string,
    operators: Readonly<Record<string, string>>,
    operand: (allowed: readonly TokenKind[]) => Expr,
    allowed: readonly TokenKind[],
  ): Expr {
    let left = operand(allowed);
    for (;;) {
      const name = operators[this.stream.current.kind];
      if (name === undefined) break;
      const id = this.ids.next(this.stream.take().start);
      const { height } = this;
      left = this.call(id, name, [left, this.rule(rule, () => operand(OPERAND_START))]);
      this.raise(height);
    }
    return left;
  }

  private unary(allowed: readonly TokenKind[]): Expr {
    const { stream } = this;
    if (stream.is("'-'") && (stream.next.kind === 'NUM_INT' || stream.next.kind === 'NUM_FLOAT'))
      return this.member(allowed);
    for (const [kind, name] of [
      ["'!'", LOGICAL_NOT],
      ["'-'", NEGATE],
    ] as const) {
      if (stream.is(kind)) return this.prefixed(kind, name);
    }
    return this.member(allowed);
  }

  private prefixed(kind: "'!'" | "'-'", name: string): Expr {
    const { stream } = this;
    const first = stream.take();
    let times = 1;
    for (; stream.is(kind); times++) stream.take();
    const operand = this.member(OPERAND_START, kind);
    return times % 2 === 0 ? operand : this.call(this.ids.next(first.start), name, [operand]);
  }

  private member(allowed: readonly TokenKind[], after?: "'!'" | "'-'"): Expr {
    const { stream } = this;
    stream.enter('member');
    this.height = 0;
    let operand = this.primary(allowed, after);
    for (;;) {
      const token = stream.current;
      if (token.kind !== "'.'" && token.kind !== "'['") break;
      stream.take();
      const { height } = this;
      this.height = 0;
      operand = token.kind === "'.'" ? this.dot(token, operand) : this.index(token, operand);
      this.raise(height);
    }
    stream.leave('member');
    return operand;
  }

  private dot(dot: Token, operand: Expr): Expr {
    const { stream } = this;
    const optional = stream.takeIf("'?'");
    if (!stream.is('IDENTIFIER') && !stream.is('ESC_IDENTIFIER')) {
      const literal = /^'[a-z]+'$/.test(stream.current.kind) && stream.current.kind !== "'in'";
      if (literal && optional === undefined)
        stream.syntaxError(`mismatched input '${stream.current.text}' expecting IDENTIFIER`);
      else stream.noAlternative(optional === undefined ? '.' : '.?');
      stream.skip();
      return operand;
    }
    const nameToken = stream.current;
    const field = this.fieldName() ?? '';
    const open = optional === undefined && nameToken.kind === 'IDENTIFIER' ? stream.takeIf("'('") : undefined;
    if (open !== undefined) return this.call(this.ids.next(open.start), field, this.args(), operand);
    const id = this.ids.next(dot.start);
    if (optional === undefined) return { kind: 'select', id, operand, field, testOnly: false };
    if (!this.options.optionalSyntax) stream.errorAt(dot.start, "unsupported syntax '.?'");
    const name: Expr = { kind: 'literal', id: this.ids.next(nameToken.start), value: field };
    return { kind: 'call', id, target: undefined, name: OPTIONAL_SELECT, args: [operand, name] };
  }

  private index(bracket: Token, operand: Expr): Expr {
    const id = this.ids.next(bracket.start);
    const optional = this.stream.takeIf("'?'");
    const index = this.expr(optional === undefined ? [...OPERAND_START, "'?'"] : OPERAND_START);
    this.stream.expect("']'", (kind) => MEMBER_FOLLOW.has(kind));
    if (optional === undefined) return this.call(id, INDEX, [operand, index]);
    if (!this.options.optionalSyntax) this.stream.errorAt(bracket.start, "unsupported syntax '[?'");
    return this.call(id, OPTIONAL_INDEX, [operand, index]);
  }

  /** Arguments behind the opening bracket. */
  private args(): Expr[] {
    if (this.stream.takeIf("')'") !== undefined) return [];
    const args: Expr[] = [];
    let height = 0;
    let allowed: readonly TokenKind[] = [...OPERAND_START, "')'"];
    do {
      if (this.stream.sync(allowed) && this.stream.is("')'") && args.length === 0) break;
      args.push(this.expr(allowed));
      height = Math.max(height, this.height);
      allowed = OPERAND_START;
    } while (this.stream.takeIf("','") !== undefined);
    this.height = height;
    this.stream.expect("')'", (kind) => MEMBER_FOLLOW.has(kind));
    return args;
  }

  private primary(allowed: readonly TokenKind[], after: "'!'" | "'-'" | undefined): Expr {
    const { stream } = this;
    if (!OPERAND_START.includes(stream.current.kind) && !this.beginOperand(allowed, after)) {
      return this.placeholder(stream.current.start);
    }
    switch (stream.current.kind) {
      case "'('": {
        stream.take();
        const inner = this.expr();
        stream.expect("')'", (kind) => MEMBER_FOLLOW.has(kind));
        return inner;
      }
      case "'['":
      case "'{'":
        return parseAggregate(this);
      case "'.'":
      case 'IDENTIFIER':
        return this.named();
      default:
        return parseLiteral(this);
    }
  }

  private beginOperand(allowed: readonly TokenKind[], after: "'!'" | "'-'" | undefined): boolean {
    const { stream } = this;
    if (after === "'!'" && stream.is('<EOF>')) {
      stream.syntaxError(`extraneous input '<EOF>' expecting ${describeSet(OPERAND_START)}`);
      return false;
    }
    if (after === "'-'" && !OPERAND_START.includes(stream.next.kind)) {
      stream.noAlternative('-');
      stream.againError(`mismatched input '${stream.current.text}' expecting ${describeSet(OPERAND_START)}`);
      return false;
    }
    if (!stream.sync(allowed)) return false;
    return OPERAND_START.includes(stream.current.kind);
  }

  /** An identifier, a global call, or the type's name of a struct. */
  private named(): Expr {
    const { stream } = this;
    const dot = stream.takeIf("'.'");
    if (!stream.is('IDENTIFIER')) {
      stream.noAlternative('.');
      return this.placeholder(stream.current.start);
    }
    if (this.beginsStruct()) return parseAggregate(this, dot);
    const token = stream.take();
    const reserved = RESERVED.has(token.text);
    if (reserved) stream.errorAt(dot?.start ?? token.start, `reserved identifier: ${token.text}`);
    const name = dot === undefined ? token.text : `.${token.text}`;
    const open = stream.takeIf("'('");
    if (open === undefined && reserved) return this.placeholder(token.start);
    if (open === undefined) return { kind: 'ident', id: this.ids.next(token.start), name };
    const id = this.ids.next(open.start);
    const args = this.args();
    return reserved ? this.placeholder(open.start) : this.call(id, name, args);
  }

  /** Whether `a.b.c {` stands here. */
  private beginsStruct(): boolean {
    return this.stream.looksLike("'{'");
  }
}

/** Operands of a logical operator as a tree of least depth, which decides the order of evaluation as upstream. */
function balanced(name: string, terms: readonly Expr[], ops: readonly number[], low: number, high: number): Expr {
  const middle = Math.floor((low + high + 1) / 2);
  const pick = (index: number): Expr => terms[index] ?? { kind: 'literal', id: 0, value: null };
  const left = middle === low ? pick(middle) : balanced(name, terms, ops, low, middle - 1);
  const right = middle === high ? pick(middle + 1) : balanced(name, terms, ops, middle + 1, high);
  return { kind: 'call', id: ops[middle] ?? 0, target: undefined, name, args: [left, right] };
}
