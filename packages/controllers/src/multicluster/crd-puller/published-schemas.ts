import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readObjectMap, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { ClusterReader } from './cluster-reader.js';
import type { ServedKind } from './discover-kinds.js';

/** The schemas that a cluster publishes, by name; references between them end in such a name. */
export type SchemaSet = Readonly<Record<string, JsonObject>>;

const V3 = '/openapi/v3';
const V2 = '/openapi/v2';

/** Finds the published schemas of kinds. Documents are read once, when they are first needed. */
export class PublishedSchemas {
  readonly #reader: ClusterReader;
  readonly #documents = new Map<string, Promise<SchemaSet | undefined>>();
  #index: Promise<JsonObject | undefined> | undefined;

  constructor(reader: ClusterReader) {
    this.#reader = reader;
  }

  /** The set that has the kind's schema and everything it refers to; undefined when the cluster publishes none. */
  async of(kind: ServedKind): Promise<{ readonly set: SchemaSet; readonly name: string } | undefined> {
    const set = await this.#setFor(kind);
    const name = set === undefined ? undefined : nameOf(set, kind);
    return set === undefined || name === undefined ? undefined : { set, name };
  }

  async #setFor({ group, version }: ServedKind): Promise<SchemaSet | undefined> {
    this.#index ??= this.#reader.read(V3);
    const index = await this.#index;
    // Clusters before 1.24 know version 2 alone.
    if (index === undefined) return this.#document(V2, (document) => schemasIn(document, 'definitions'));
    const name = group === '' ? `api/${version}` : `apis/${group}/${version}`;
    const entry = readObject(readObject(index, 'paths') ?? {}, name);
    const path = entry === undefined ? '' : readString(entry, 'serverRelativeURL');
    if (path === '') return undefined;
    // The address is seen from the server, the reader's paths from the logical cluster.
    const own = path.slice(Math.max(0, path.indexOf(V3)));
    return this.#document(own, (document) => schemasIn(readObject(document, 'components') ?? {}, 'schemas'));
  }

  #document(path: string, pick: (document: JsonObject) => SchemaSet): Promise<SchemaSet | undefined> {
    let known = this.#documents.get(path);
    if (known === undefined) {
      known = this.#reader.read(path).then((document) => (document === undefined ? undefined : pick(document)));
      this.#documents.set(path, known);
    }
    return known;
  }
}

function schemasIn(holder: JsonObject, name: string): SchemaSet {
  return Object.fromEntries(readObjectMap(holder, name));
}

/** The schema that says of itself that it is the kind's. */
function nameOf(set: SchemaSet, { group, version, kind }: ServedKind): string | undefined {
  const found = Object.entries(set).find(([, schema]) =>
    readObjects(schema, 'x-kubernetes-group-version-kind').some(
      (gvk) =>
        readString(gvk, 'group') === group &&
        readString(gvk, 'version') === version &&
        readString(gvk, 'kind') === kind,
    ),
  );
  return found?.[0];
}

/** The name that a schema refers to, whether alone or as its one part (`allOf`); undefined for one that is itself. */
export function referenceOf(schema: JsonObject): string | undefined {
  const { allOf } = schema;
  const [only, ...more] = Array.isArray(allOf) ? allOf : [];
  const reference = readString(schema, '$ref') || (more.length === 0 && isObject(only) ? readString(only, '$ref') : '');
  return reference === '' ? undefined : reference.slice(reference.lastIndexOf('/') + 1);
}
