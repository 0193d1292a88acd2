import { isObject, type JsonObject } from '../json/value.js';
import { structType } from '../types/struct-type.js';
import { builtInKinds, typeOf } from '../types/type-of.js';
import type { StructType } from '../types/type-ref.js';
import { schemaFragment } from './schema-fragment.js';
import { type OpenApiFormat, PATCH } from './special-schemas.js';

/** Collects the schemas that a document needs: those it names, and all that these refer to. */
export class SchemaClosure {
  readonly #format: OpenApiFormat;
  readonly #schemas = new Map<string, JsonObject>();
  readonly #seen = new Set<StructType>();

  constructor(format: OpenApiFormat) {
    this.#format = format;
  }

  /** Adds a built-in type by its published name; the name of a custom schema is passed over. */
  addNamed(name: string): void {
    if (name === PATCH.name) this.#schemas.set(name, PATCH[this.#format]);
    const type = structsByOpenApiName().get(name);
    if (type !== undefined) this.add(type);
  }

  add(type: StructType): void {
    if (this.#seen.has(type)) return;
    this.#seen.add(type);
    const fragment = schemaFragment(type, this.#format);
    this.#schemas.set(type.openApiName, fragment.schema);
    for (const [name, schema] of fragment.specials) this.#schemas.set(name, schema);
    for (const struct of fragment.structs) this.add(struct);
  }

  /** Adds ready schemas by name, without following their references. */
  addSchemas(schemas: JsonObject): void {
    for (const [name, schema] of Object.entries(schemas)) {
      if (isObject(schema)) this.#schemas.set(name, schema);
    }
  }

  /** Adds schemas of custom resources; they refer to nothing but metadata. */
  addCustom(schemas: JsonObject): void {
    this.addSchemas(schemas);
    this.add(structType('meta/v1.ObjectMeta'));
    this.add(structType('meta/v1.ListMeta'));
  }

  /** All schemas by name, sorted. `served`: the group versions in which the kinds of every group are registered. */
  schemas(served: readonly GroupVersion[]): JsonObject {
    const sorted: JsonObject = {};
    for (const name of [...this.#schemas.keys()].sort()) {
      const schema = this.#schemas.get(name);
      const kind = EVERY_GROUP.get(name);
      if (schema !== undefined) sorted[name] = kind === undefined ? schema : inEveryGroup(schema, kind, served);
    }
    return sorted;
  }
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
/** Kinds that are registered in every group version. */
const EVERY_GROUP: ReadonlyMap<string, string> = new Map([
  [`${META}.DeleteOptions`, 'DeleteOptions'],
  [`${META}.WatchEvent`, 'WatchEvent'],
]);

function inEveryGroup(schema: JsonObject, kind: string, served: readonly GroupVersion[]): JsonObject {
  const named = [{ group: '', version: 'v1' }, ...served.filter((gv) => gv.group !== '' || gv.version !== 'v1')];
  return {
    ...schema,
    'x-kubernetes-group-version-kind': named.map(({ group, version }) => ({ group, kind, version })),
  };
}

let byName: ReadonlyMap<string, StructType> | undefined;

/** The types that operations name: kinds, and a few of discovery. */
function structsByOpenApiName(): ReadonlyMap<string, StructType> {
  byName ??= new Map(
    builtInKinds().flatMap((gvk): [string, StructType][] => {
      const type = typeOf(gvk);
      return type === undefined ? [] : [[type.openApiName, type]];
    }),
  );
  return byName;
}
