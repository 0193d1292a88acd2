import { type DeclaredType, declaredType } from '../cel/schema/declared-type.js';
import { escapeName } from '../cel/schema/escape.js';
import type { SchemaNode } from '../schema/node.js';
import { type CompiledRule, compileRules, SELF_TYPE } from './compile-rules.js';

/** The rules of a schema and of all that lies in it, as far as there are any. */
export interface RuleTree {
  /** What the values are. */
  readonly node: SchemaNode;
  /** The values are whole resources. */
  readonly isResource: boolean;
  readonly rules: readonly CompiledRule[];
  /** There are rules, but expressions cannot reach the values. */
  readonly unreachable: boolean;
  readonly properties: ReadonlyMap<string, RuleTree>;
  readonly additional: RuleTree | undefined;
  readonly items: RuleTree | undefined;
  /** Of schemas that are to hold as well. */
  readonly allOf: readonly RuleTree[];
}

const trees: Readonly<Record<'resource' | 'part', WeakMap<SchemaNode, RuleTree | 'none'>>> = {
  resource: new WeakMap(),
  part: new WeakMap(),
};

/** The rules of a schema, compiled when they are first asked for; undefined when it has none. */
export function ruleTree(schema: SchemaNode, isResource: boolean): RuleTree | undefined {
  const cache = trees[isResource ? 'resource' : 'part'];
  let tree = cache.get(schema);
  if (tree === undefined) {
    tree = hasRules(schema) ? (makeTree(schema, schema, isResource, rootType(schema, isResource)) ?? 'none') : 'none';
    cache.set(schema, tree);
  }
  return tree === 'none' ? undefined : tree;
}

function rootType(schema: SchemaNode, isResource: boolean): DeclaredType | undefined {
  return declaredType(schema, SELF_TYPE, isResource);
}

/** Those in `allOf` do not count, as upstream does not look there either. */
export function hasRules({ validations, items, additionalProperties, properties }: SchemaNode): boolean {
  if (validations.length > 0) return true;
  const inner = [items, additionalProperties?.schema, ...properties.values()];
  return inner.some((schema) => schema !== undefined && hasRules(schema));
}

/** `source` has the rules, `node` says what the values are; within `allOf` these are two. */
function makeTree(
  source: SchemaNode,
  node: SchemaNode,
  isResource: boolean,
  declared: DeclaredType | undefined,
): RuleTree | undefined {
  const compiled = declared === undefined ? undefined : rulesOf(source, node, isResource);
  const rules = compiled ?? [];
  const unreachable = compiled === undefined && source.validations.length > 0;
  const items = inner(source.items, node.items, declared?.element);
  const additional = inner(source.additionalProperties?.schema, node.additionalProperties?.schema, declared?.element);
  const properties = propertyTrees(source, node, declared);
  const allOf = (source.junctors?.allOf ?? []).flatMap((also) => makeTree(also, node, isResource, declared) ?? []);
  const empty = rules.length === 0 && !unreachable && properties.size === 0 && allOf.length === 0;
  if (empty && items === undefined && additional === undefined) return undefined;
  return { node, isResource, rules, unreachable, properties, additional, items, allOf };
}

function rulesOf(source: SchemaNode, node: SchemaNode, isResource: boolean): readonly CompiledRule[] | undefined {
  return source.validations.length === 0 ? [] : compileRules(source, node, isResource);
}

function inner(
  source: SchemaNode | undefined,
  node: SchemaNode | undefined,
  declared: DeclaredType | undefined,
): RuleTree | undefined {
  if (source === undefined || node === undefined) return undefined;
  return makeTree(source, node, node.embeddedResource, declared);
}

function propertyTrees(
  source: SchemaNode,
  node: SchemaNode,
  declared: DeclaredType | undefined,
): ReadonlyMap<string, RuleTree> {
  const found = new Map<string, RuleTree>();
  for (const [name, property] of source.properties) {
    const structure = node.properties.get(name);
    if (structure === undefined) continue;
    const type = propertyType(name, structure, declared);
    if (type === undefined) continue;
    const tree = makeTree(property, structure, structure.embeddedResource, type);
    if (tree !== undefined) found.set(name, tree);
  }
  return found;
}

/** Undefined where the parent's rules cannot see the property: then its own are not run either. */
export function propertyType(
  name: string,
  property: SchemaNode,
  declared: DeclaredType | undefined,
): DeclaredType | undefined {
  const identifier = escapeName(name);
  if (identifier !== undefined) return declared?.fields?.get(identifier);
  return declaredType(property, SELF_TYPE, property.embeddedResource);
}
