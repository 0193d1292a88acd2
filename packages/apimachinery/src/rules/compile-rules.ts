import type { Environment } from '../cel/environment.js';
import { kubernetesEnvironment } from '../cel/kubernetes.js';
import type { Program } from '../cel/program.js';
import { type DeclaredType, declaredType } from '../cel/schema/declared-type.js';
import { BOOL, type CelType, optionalType, STRING, sameType } from '../cel/types/cel-type.js';
import { followFieldPath } from '../crd/schema-field-path.js';
import type { SchemaNode } from '../schema/node.js';
import type { Work } from '../turns/work.js';
import { type Rule, readRule } from './rule.js';

/** A rule ready to run, or why it never will. */
export interface CompiledRule {
  readonly rule: Rule;
  /** Undefined for a rule without text, and for one that is faulty. */
  readonly program: Program | undefined;
  readonly fault: string | undefined;
  /** It compares with the value before, and so has nothing to say where there is none. */
  readonly usesOldSelf: boolean;
  readonly message: Program | undefined;
  readonly messageFault: string | undefined;
  /** Where its failures are reported, below the value; empty for the value itself. */
  readonly field: string;
}

const known = new WeakMap<SchemaNode, readonly CompiledRule[]>();

/** Name of the type of `self` in messages, whatever lies around it. */
export const SELF_TYPE = 'selfType';

/**
 * Compiles the rules of `source`, which say something about values of `node`: the same schema, or for rules in `allOf`
 * the one around it; `isResource` says that they are whole resources. Once per content, as schema nodes are. Undefined
 * when expressions cannot reach such values.
 */
export function* rulesCompilation(
  source: SchemaNode,
  node: SchemaNode,
  isResource: boolean,
): Work<readonly CompiledRule[] | undefined> {
  const compiled = known.get(source);
  if (compiled !== undefined) return compiled;
  const declared = declaredType(node, SELF_TYPE, isResource);
  if (declared === undefined) return undefined;
  const rules = yield* compileAll(source, node, declared);
  known.set(source, rules);
  return rules;
}

function* compileAll(source: SchemaNode, node: SchemaNode, declared: DeclaredType): Work<CompiledRule[]> {
  const oldSelf = { plain: declared, optional: optionalType(declared.type) };
  const environments = new Map<keyof typeof oldSelf, Environment>();
  const compiled: CompiledRule[] = [];
  for (const rule of source.validations.map(readRule)) {
    yield;
    const kind = rule.optionalOldSelf === true ? 'optional' : 'plain';
    const environment =
      environments.get(kind) ?? kubernetesEnvironment({ variables: { self: declared, oldSelf: oldSelf[kind] } });
    environments.set(kind, environment);
    compiled.push(compileRule(rule, node, environment));
  }
  return compiled;
}

interface Compiled {
  readonly program: Program | undefined;
  readonly fault: string | undefined;
}

const NOTHING: Compiled = { program: undefined, fault: undefined };

function compileRule(rule: Rule, node: SchemaNode, environment: Environment): CompiledRule {
  const main = rule.rule.trim() === '' ? NOTHING : compileText(environment, rule.rule, '', 'cel expression', BOOL);
  const wantsMessage = main.program !== undefined && rule.messageExpression !== '';
  const message = wantsMessage
    ? compileText(environment, rule.messageExpression, 'messageExpression ', 'messageExpression', STRING)
    : NOTHING;
  return {
    rule,
    ...main,
    usesOldSelf: main.program?.uses('oldSelf') === true,
    message: message.program,
    messageFault: message.fault,
    field: fieldOf(rule.fieldPath, node),
  };
}

function compileText(environment: Environment, text: string, what: string, subject: string, wanted: CelType): Compiled {
  const compiled = environment.compile(text);
  if (!compiled.ok && compiled.stage === 'instantiation') {
    return { program: undefined, fault: `${what === '' ? 'program ' : what}instantiation failed: ${compiled.message}` };
  }
  if (!compiled.ok) return { program: undefined, fault: `${what}compilation failed: ${compiled.message}` };
  if (sameType(compiled.program.type, wanted)) return { program: compiled.program, fault: undefined };
  return { program: undefined, fault: `${subject} must evaluate to a ${wanted}` };
}

function fieldOf(path: string, node: SchemaNode): string {
  if (path === '') return '';
  const found = followFieldPath<SchemaNode>(path, node, true, (schema, name) => {
    if (schema.properties.size > 0) return { schema: schema.properties.get(name), isKey: false };
    return { schema: schema.additionalProperties?.schema, isKey: true };
  });
  return found.kind === 'found' ? found.path : '';
}
