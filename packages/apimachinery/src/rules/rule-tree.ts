import { type DeclaredType, declaredType } from '../cel/schema/declared-type.js';
import { escapeName } from '../cel/schema/escape.js';
import type { SchemaNode } from '../schema/node.js';
import { isRestDue, type Work } from '../turns/work.js';
import { type CompiledRule, rulesCompilation, SELF_TYPE } from './compile-rules.js';

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

/** The rules of a schema, compiled when they are first asked for; `none` when it has none. */
export function* ruleTreeCompilation(schema: SchemaNode, isResource: boolean): Work<RuleTree | 'none'> {
  const cache = cacheOf(isResource);
  const known = cache.get(schema);
  if (known !== undefined) return known;
  const declared = declaredType(schema, SELF_TYPE, isResource);
  const made = hasRules(schema) ? yield* makeTree(schema, schema, isResource, declared) : undefined;
  const tree = made ?? 'none';
  cache.set(schema, tree);
  return tree;
}

function cacheOf(isResource: boolean): WeakMap<SchemaNode, RuleTree | 'none'> {
  return trees[isResource ? 'resource' : 'part'];
}

/** Those in `allOf` do not count, as upstream does not look there either. */
export function hasRules(schema: SchemaNode): boolean {
  if (!schema.hasRules) return false;
  const { validations, items, additionalProperties, properties } = schema;
  if (validations.length > 0) return true;
  for (const property of properties.values()) if (hasRules(property)) return true;
  return [items, additionalProperties?.schema].some((inner) => inner !== undefined && hasRules(inner));
}

/** `source` has the rules, `node` says what the values are; within `allOf` these are two. */
function* makeTree(
  source: SchemaNode,
  node: SchemaNode,
  isResource: boolean,
  declared: DeclaredType | undefined,
): Work<RuleTree | undefined> {
  if (!source.hasRules) return undefined;
  if (isRestDue()) yield;
  const compiled = declared === undefined ? undefined : yield* rulesOf(source, node, isResource);
  const rules = compiled ?? [];
  const unreachable = compiled === undefined && source.validations.length > 0;
  const items = yield* inner(source.items, node.items, declared?.element);
  const ofValues = source.additionalProperties?.schema;
  const additional = yield* inner(ofValues, node.additionalProperties?.schema, declared?.element);
  const properties = yield* propertyTrees(source, node, declared);
  const allOf: RuleTree[] = [];
  for (const also of source.junctors?.allOf ?? []) {
    const tree = yield* makeTree(also, node, isResource, declared);
    if (tree !== undefined) allOf.push(tree);
  }
  const empty = rules.length === 0 && !unreachable && properties.size === 0 && allOf.length === 0;
  if (empty && items === undefined && additional === undefined) return undefined;
  return { node, isResource, rules, unreachable, properties, additional, items, allOf };
}

function* rulesOf(
  source: SchemaNode,
  node: SchemaNode,
  isResource: boolean,
): Work<readonly CompiledRule[] | undefined> {
  return source.validations.length === 0 ? [] : yield* rulesCompilation(source, node, isResource);
}

function* inner(
  source: SchemaNode | undefined,
  node: SchemaNode | undefined,
  declared: DeclaredType | undefined,
): Work<RuleTree | undefined> {
  if (source === undefined || node === undefined) return undefined;
  return yield* makeTree(source, node, node.embeddedResource, declared);
}

function* propertyTrees(
  source: SchemaNode,
  node: SchemaNode,
  declared: DeclaredType | undefined,
): Work<ReadonlyMap<string, RuleTree>> {
  const found = new Map<string, RuleTree>();
  for (const [name, property] of source.properties) {
    if (isRestDue()) yield;
    const structure = property.hasRules ? node.properties.get(name) : undefined;
    if (structure === undefined) continue;
    const type = propertyType(name, structure, declared);
    if (type === undefined) continue;
    const tree = yield* makeTree(property, structure, structure.embeddedResource, type);
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
