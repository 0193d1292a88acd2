import { type DeclaredType, declaredType } from '../cel/schema/declared-type.js';
import { SELF_TYPE } from '../rules/compile-rules.js';
import { propertyType } from '../rules/rule-tree.js';
import type { SchemaNode } from '../schema/node.js';
import { multiplyCosts, type SchemaCost } from './rule-cost.js';

/** What the rules at one place of a schema are judged by. */
export interface RuleContext {
  readonly node: SchemaNode;
  /** The values are whole resources. */
  readonly isResource: boolean;
  /** Type of the values; undefined where expressions cannot reach them. */
  declared(): DeclaredType | undefined;
  /** Most values that one object can have here; undefined when nothing but the size of requests bounds them. */
  readonly cardinality: number | undefined;
  readonly total: SchemaCost;
}

export function rootContext(node: SchemaNode, total: SchemaCost): RuleContext {
  const declared = lazily(() => declaredType(node, SELF_TYPE, true));
  return { node, isResource: true, declared, cardinality: 1, total };
}

/** The context of a property, or with `name` undefined of the items or the values of a map. */
export function innerContext(
  outer: RuleContext,
  node: SchemaNode | undefined,
  name: string | undefined,
): RuleContext | undefined {
  if (node === undefined) return undefined;
  const { cardinality, total } = outer;
  const times = elementsMax(outer.node);
  const own = (): DeclaredType | undefined => declaredType(node, SELF_TYPE, node.embeddedResource);
  const fromOuter = (): DeclaredType | undefined => {
    const declared = outer.declared();
    return name === undefined ? declared?.element : propertyType(name, node, declared);
  };
  return {
    node,
    isResource: node.embeddedResource,
    declared: lazily(() => fromOuter() ?? own()),
    cardinality: cardinality === undefined || times === undefined ? undefined : multiplyCosts(cardinality, times),
    total,
  };
}

/** By how much a schema multiplies the values inside of it; undefined for lists and maps without a bound. */
function elementsMax({ types, limits, additionalProperties }: SchemaNode): number | undefined {
  const bound = (limit: number | undefined): number | undefined =>
    limit === undefined ? undefined : Math.max(limit, 0);
  if (types[0] === 'array') return bound(limits?.maxItems);
  return types[0] === 'object' && additionalProperties !== undefined ? bound(limits?.maxProperties) : 1;
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
