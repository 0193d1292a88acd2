import { newMethodNotAllowed } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { ISSUER_PATHS, type IssuerDocuments } from '../authn/service-account/issuer-documents.js';
import type { DiscoveryHandler } from '../discovery/discovery-handler.js';
import { answerValue } from '../endpoints/answer.js';
import type { NonResourceHandler } from '../handler/chain.js';
import { plainText } from '../handler/plain-text.js';
import type { HealthHandler } from '../health/health-handler.js';
import type { ApiRequest, ApiResponse } from '../http/exchange.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import type { OpenApiHandler } from '../openapi/openapi-handler.js';
import type { RequestInfo } from '../request/request-info.js';

export interface NonResourceParts {
  readonly discovery: DiscoveryHandler;
  readonly openApi: OpenApiHandler;
  readonly health: HealthHandler;
  readonly metrics: ServerMetrics;
  readonly version: JsonObject;
  readonly issuer: IssuerDocuments;
}

const PATHS = [
  ...['/api', '/apis', '/healthz', '/livez', '/metrics', '/openapi/v2', '/openapi/v3', '/readyz', '/version'],
  ...ISSUER_PATHS,
];
/** The text format of Prometheus. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';
const JSON_FORMAT = { encoding: 'json', as: 'object', asVersion: '', pretty: true } as const;

/** Everything that a server answers besides resources. */
export class NonResourcePaths implements NonResourceHandler {
  readonly #parts: NonResourceParts;

  constructor(parts: NonResourceParts) {
    this.#parts = parts;
  }

  handle(request: ApiRequest, info: RequestInfo): Promise<ApiResponse> | ApiResponse | undefined {
    const { discovery, openApi, health, metrics, version, issuer } = this.#parts;
    switch (info.path) {
      case '/':
        return readOnly(request, () =>
          answerValue(JSON_FORMAT, 200, () => ({ paths: [...PATHS, ...discovery.paths(info.scope)].sort() })),
        );
      case '/version':
      case '/version/':
        return readOnly(request, () => answerValue(JSON_FORMAT, 200, () => version));
      case '/metrics':
        return readOnly(request, async () => plainText(200, await metrics.text(), METRICS_TYPE));
      default:
        return (
          health.handle(request, info) ??
          issuer.handle(request, info.path) ??
          openApi.handle(request, info) ??
          discovery.handle(request, info)
        );
    }
  }
}

function readOnly(
  request: ApiRequest,
  answer: () => Promise<ApiResponse> | ApiResponse,
): Promise<ApiResponse> | ApiResponse {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw newMethodNotAllowed();
  return answer();
}
