import { goQuote } from '../errors/go-quote.js';
import type { Expr } from './syntax/expr.js';
import { CelDouble, CelUint } from './values/number.js';
import { showValue } from './values/show.js';

/** An expression as cel-go's debug printer shows it, without its remarks on each node. */
export function debugText(expr: Expr, indent = ''): string {
  const inner = `${indent}  `;
  const block = (open: string, parts: readonly string[], close: string): string =>
    parts.length === 0 ? open + close : `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
  const show = (part: Expr): string => debugText(part, inner);
  switch (expr.kind) {
    case 'literal':
      return literal(expr.value);
    case 'ident':
      return expr.name;
    case 'select':
      return `${debugText(expr.operand, indent)}.${expr.field}${expr.testOnly ? '~test-only~' : ''}`;
    case 'call': {
      const target = expr.target === undefined ? '' : `${debugText(expr.target, indent)}.`;
      return block(`${target}${expr.name}(`, expr.args.map(show), ')');
    }
    case 'list':
      return block(
        '[',
        expr.elements.map((element, i) => (expr.optional.has(i) ? '?' : '') + show(element)),
        ']',
      );
    case 'map':
      return block(
        '{',
        expr.entries.map((entry) => `${entry.optional ? '?' : ''}${show(entry.key)}:${show(entry.value)}`),
        '}',
      );
    case 'struct':
      return block(
        `${expr.typeName}{`,
        expr.fields.map((field) => `${field.name}:${show(field.value)}`),
        '}',
      );
    case 'comprehension': {
      const names: [string, string][] = [
        ['Variable', expr.variable],
        ['Target', show(expr.range)],
        ['Accumulator', expr.accumulator],
        ['Init', show(expr.init)],
        ['LoopCondition', show(expr.condition)],
        ['LoopStep', show(expr.step)],
        ['Result', show(expr.result)],
      ];
      const lines = names.map(([name, text]) => `${inner}// ${name}\n${inner}${text}`);
      return `__comprehension__(\n${lines.join(',\n')})`;
    }
  }
}

function literal(value: Extract<Expr, { kind: 'literal' }>['value']): string {
  if (typeof value === 'string') return goQuote(value);
  if (value === null) return 'null';
  if (value instanceof CelUint) return `${showValue(value)}u`;
  if (value instanceof CelDouble) return String(value.value);
  return value instanceof Uint8Array ? `b${goQuote(Buffer.from(value).toString('utf8'))}` : showValue(value);
}
