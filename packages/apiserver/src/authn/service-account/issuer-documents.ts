import { newMethodNotAllowed } from '@kcp/apimachinery/errors/status-error';
import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { bytesResponse } from '../../endpoints/answer.js';
import type { ApiRequest, ApiResponse } from '../../http/exchange.js';
import type { AccountKeys } from './account-keys.js';

const CONFIGURATION_PATH = '/.well-known/openid-configuration';
const KEYS_PATH = '/openid/v1/jwks';
export const ISSUER_PATHS: readonly string[] = [CONFIGURATION_PATH, KEYS_PATH];

/** Clients keep the documents for an hour, as upstream says. */
const CACHING = { 'cache-control': 'public, max-age=3600' };

export interface IssuerDocumentOptions {
  readonly issuer: string;
  readonly keys: AccountKeys;
  /** Where the keys are found; by default below the host that the client asked. */
  readonly jwksUri: string | undefined;
}

/** OpenID discovery of the issuer of service-account tokens, for programs that check such tokens themselves. */
export class IssuerDocuments {
  readonly #options: IssuerDocumentOptions;
  readonly #keySet: Buffer;
  readonly #algorithms: string[];

  constructor(options: IssuerDocumentOptions) {
    this.#options = options;
    const keys = options.keys.all;
    const entries = keys.map(({ id, algorithm, key }) => ({ use: 'sig', ...jwk(key), kid: id, alg: algorithm }));
    this.#keySet = Buffer.from(stringify({ keys: entries }), 'utf8');
    this.#algorithms = [...new Set(keys.map(({ algorithm }) => algorithm))].sort();
  }

  /** Undefined for a path that is none of its own. */
  handle(request: ApiRequest, path: string): ApiResponse | undefined {
    if (path !== CONFIGURATION_PATH && path !== KEYS_PATH) return undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD') throw newMethodNotAllowed();
    const answer =
      path === KEYS_PATH
        ? bytesResponse(200, 'application/jwk-set+json', this.#keySet)
        : bytesResponse(200, 'application/json', this.#configuration(request));
    return { ...answer, headers: { ...answer.headers, ...CACHING } };
  }

  #configuration(request: ApiRequest): Buffer {
    const { issuer, jwksUri } = this.#options;
    const host = request.header(':authority') ?? request.header('host') ?? '';
    const document = {
      issuer,
      jwks_uri: jwksUri ?? `https://${host}${KEYS_PATH}`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: this.#algorithms,
    };
    return Buffer.from(stringify(document), 'utf8');
  }
}

/** The public members of a key (RFC 7517 §4) in Go's order. */
function jwk(key: AccountKeys['signing']['key']): JsonObject {
  const { kty = '', crv, n, e, x, y } = key.export({ format: 'jwk' });
  const members = Object.entries({ kty, crv, n, e, x, y });
  return Object.fromEntries(members.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
