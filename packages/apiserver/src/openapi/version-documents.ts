import { makingOpenApiV3 } from '@kcp/apimachinery/openapi/document-v3';
import { type HiddenFields, hideFields, NOTHING_HIDDEN } from '@kcp/apimachinery/openapi/hide-fields';
import type { ServedGroupVersion, ServedResource } from '@kcp/apimachinery/openapi/served-resource';
import type { Work } from '@kcp/apimachinery/turns/work';
import type { EncodedDocument } from '../discovery/cluster-documents.js';
import { OPENAPI_VERSIONS_BYTES_MAX } from '../limits.js';
import type { ResourceType } from '../registry/resource-type.js';
import { encodingDocument } from './encoding-document.js';
import { KeptDocuments } from './kept-documents.js';

/** The types of one group version, and what became of them. */
interface Version {
  readonly types: readonly ResourceType[];
  hash: string | undefined;
}

/**
 * The OpenAPI v3 documents of group versions. Logical clusters that serve the same types share one, and a change of
 * definitions makes only those anew that it touches. Hashes are kept as long as the types, the documents themselves as
 * far as there is room.
 */
export class VersionDocuments {
  readonly #version: string;
  /** By the first type of the group version. */
  readonly #versions = new WeakMap<ResourceType, Version[]>();
  readonly #documents = new KeptDocuments<Version>(OPENAPI_VERSIONS_BYTES_MAX);

  readonly #hidden: HiddenFields;

  /** `version` is major.minor as the documents name it. */
  constructor(version: string, hidden: HiddenFields = NOTHING_HIDDEN) {
    this.#version = version;
    this.#hidden = hidden;
  }

  /** `types` in the order of their names. */
  document(types: readonly ResourceType[]): Promise<EncodedDocument> | EncodedDocument {
    const version = this.#find(types);
    return this.#documents.get(version) ?? this.#make(version);
  }

  /** The hash of that document, as far as it is known without waiting. */
  hash(types: readonly ResourceType[]): Promise<string> | string {
    const version = this.#find(types);
    if (version.hash !== undefined) return version.hash;
    const made = this.#make(version);
    return made instanceof Promise ? made.then(({ hash }) => hash) : made.hash;
  }

  #find(types: readonly ResourceType[]): Version {
    const [first] = types;
    if (first === undefined) throw new TypeError('a group version serves types');
    const known = this.#versions.get(first) ?? [];
    this.#versions.set(first, known);
    let version = known.find((one) => isSame(one.types, types));
    if (version === undefined) {
      version = { types, hash: undefined };
      // What was served together with the same first type before is hardly served again.
      known.splice(0, Math.max(0, known.length + 1 - VARIANTS_MAX));
      known.push(version);
    }
    return version;
  }

  #make(version: Version): Promise<EncodedDocument> | EncodedDocument {
    return this.#documents.make(version, () => this.#making(version));
  }

  *#making(version: Version): Work<EncodedDocument> {
    const whole = yield* makingOpenApiV3(servedGroupVersion(version.types), this.#version);
    const encoded = yield* encodingDocument(hideFields(whole, this.#hidden));
    version.hash = encoded.hash;
    return encoded;
  }
}

/** Sets of types that share their first one and are remembered. */
const VARIANTS_MAX = 4;

function isSame(a: readonly ResourceType[], b: readonly ResourceType[]): boolean {
  return a.length === b.length && a.every((type, i) => type === b[i]);
}

/** The types of one group version as the documents describe them. */
export function servedGroupVersion(types: readonly ResourceType[]): ServedGroupVersion {
  const { group = '', version = '' } = types[0]?.gvk ?? {};
  return { group, version, resources: types.map(servedResource) };
}

function servedResource(type: ResourceType): ServedResource {
  const { openApiSchema } = type;
  return {
    gvk: type.gvk,
    listKind: type.names.listKind,
    plural: type.names.plural,
    namespaced: type.namespaced,
    verbs: [...type.verbs],
    subresources: [...type.subresources].map(([name, subresource]) => ({
      name,
      gvk: subresource.kind ?? type.gvk,
      verbs: [...subresource.verbs],
    })),
    selectableFields: type.origin === 'custom' ? [...type.selectableFields.keys()] : [],
    ...(openApiSchema === undefined ? {} : { schema: openApiSchema }),
  };
}
