import type { JsonObject, JsonValue } from '../json/value.js';
import type { Pattern } from './pattern.js';

/** What undeclared members of an object may be. */
export interface AdditionalProperties {
  /** False: none are allowed. */
  readonly allows: boolean;
  /** Their schema; undefined when anything goes (and is pruned, as nothing is specified). */
  readonly schema: SchemaNode | undefined;
}

/**
 * One node of a compiled structural schema (an `openAPIV3Schema` of a CustomResourceDefinition). Absent limits are
 * undefined. Nodes are immutable and shared by all logical clusters that have the same schema.
 */
export interface SchemaNode {
  /** Allowed JSON types; empty when the schema names none. Int-or-string is `['integer', 'string']`. */
  readonly types: readonly string[];
  /** Empty when there is none or it is not one that is checked. */
  readonly format: string;
  readonly nullable: boolean;
  readonly properties: ReadonlyMap<string, SchemaNode>;
  readonly additionalProperties: AdditionalProperties | undefined;
  readonly items: SchemaNode | undefined;
  readonly required: readonly string[];
  readonly enum: readonly JsonValue[];
  readonly limits: Limits | undefined;
  readonly pattern: Pattern | undefined;
  readonly junctors: Junctors | undefined;
  readonly preserveUnknownFields: boolean;
  readonly embeddedResource: boolean;
  readonly intOrString: boolean;
  readonly listType: string | undefined;
  readonly listMapKeys: readonly string[];
  readonly mapType: string | undefined;
  readonly default: JsonValue | undefined;
  /** `x-kubernetes-validations` as given: rules in CEL, evaluated elsewhere. */
  readonly validations: readonly JsonObject[];
  /** Something at or below this node has a default. */
  readonly hasDefaults: boolean;
  /** Something at or below this node is a list of type set or map. */
  readonly hasListTypes: boolean;
  /** Something at or below this node is an embedded resource. */
  readonly hasEmbedded: boolean;
  /** Something at or below this node has rules, or what it is combined with in `allOf`. */
  readonly hasRules: boolean;
}

/** Bounds of a value. */
export interface Limits {
  readonly maximum: number | undefined;
  readonly exclusiveMaximum: boolean;
  readonly minimum: number | undefined;
  readonly exclusiveMinimum: boolean;
  readonly multipleOf: number | undefined;
  readonly maxLength: number | undefined;
  readonly minLength: number | undefined;
  readonly maxItems: number | undefined;
  readonly minItems: number | undefined;
  readonly uniqueItems: boolean;
  readonly maxProperties: number | undefined;
  readonly minProperties: number | undefined;
}

/** Schemas that are combined. */
export interface Junctors {
  readonly allOf: readonly SchemaNode[];
  readonly anyOf: readonly SchemaNode[];
  readonly oneOf: readonly SchemaNode[];
  readonly not: SchemaNode | undefined;
}

/** Deepest nesting of a schema. */
export const SCHEMA_MAX_DEPTH = 500;
/** Most nodes of one schema. */
export const SCHEMA_MAX_NODES = 200_000;

/** A schema that cannot be compiled; a validated CustomResourceDefinition has none. */
export class SchemaError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SchemaError';
  }
}
