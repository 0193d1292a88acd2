import { CEL_NODES_MAX } from '../limits.js';
import {
  type Call,
  type Comprehension,
  type Constant,
  type Expr,
  type Ident,
  type ListExpr,
  type Literal,
  NONE_OPTIONAL,
} from './expr.js';
import { ACCUMULATOR } from './operators.js';

/** An expression that grew too large while its macros were expanded. */
export class TooManyNodes extends Error {}

/** Hands out ids and remembers where each node stands in the source. */
export class NodeIds {
  readonly offsets: number[] = [-1];

  next(offset: number): number {
    if (this.offsets.length > CEL_NODES_MAX) throw new TooManyNodes();
    this.offsets.push(offset);
    return this.offsets.length - 1;
  }
}

/** The parts of a loop that a macro chooses. */
export type Loop = Omit<Comprehension, 'kind' | 'id'>;

/** Builds the nodes of one macro's expansion; all stand where the macro was called. */
export class MacroBuilder {
  private readonly ids: NodeIds;
  private readonly offset: number;

  constructor(ids: NodeIds, offset: number) {
    this.ids = ids;
    this.offset = offset;
  }

  literal(value: Constant): Literal {
    return { kind: 'literal', id: this.id(), value };
  }

  ident(name: string): Ident {
    return { kind: 'ident', id: this.id(), name };
  }

  accumulator(): Ident {
    return this.ident(ACCUMULATOR);
  }

  list(...elements: Expr[]): ListExpr {
    return { kind: 'list', id: this.id(), elements, optional: NONE_OPTIONAL };
  }

  emptyMap(): Expr {
    return { kind: 'map', id: this.id(), entries: [] };
  }

  call(name: string, ...args: Expr[]): Call {
    return { kind: 'call', id: this.id(), target: undefined, name, args };
  }

  memberCall(name: string, target: Expr, ...args: Expr[]): Call {
    return { kind: 'call', id: this.id(), target, name, args };
  }

  presence(operand: Expr, field: string): Expr {
    return { kind: 'select', id: this.id(), operand, field, testOnly: true };
  }

  loop(loop: Loop): Comprehension {
    return { kind: 'comprehension', id: this.id(), ...loop };
  }

  /** The expression once more, with ids of its own. */
  copy(expr: Expr): Expr {
    const id = this.ids.next(this.ids.offsets[expr.id] ?? -1);
    switch (expr.kind) {
      case 'literal':
      case 'ident':
        return { ...expr, id };
      case 'select':
        return { ...expr, id, operand: this.copy(expr.operand) };
      case 'call': {
        const target = expr.target === undefined ? undefined : this.copy(expr.target);
        return { ...expr, id, target, args: expr.args.map((arg) => this.copy(arg)) };
      }
      case 'list':
        return { ...expr, id, elements: expr.elements.map((element) => this.copy(element)) };
      case 'map':
        return {
          ...expr,
          id,
          entries: expr.entries.map((entry) => ({
            ...entry,
            key: this.copy(entry.key),
            value: this.copy(entry.value),
          })),
        };
      case 'struct':
        return { ...expr, id, fields: expr.fields.map((field) => ({ ...field, value: this.copy(field.value) })) };
      case 'comprehension':
        return {
          ...expr,
          id,
          range: this.copy(expr.range),
          init: this.copy(expr.init),
          condition: this.copy(expr.condition),
          step: this.copy(expr.step),
          result: this.copy(expr.result),
        };
    }
  }

  private id(): number {
    return this.ids.next(this.offset);
  }
}
