import { newBadRequest, newNotFound, newUntyped } from '@kcp/apimachinery/errors/status-error';
import type { ApiResponse } from '../http/exchange.js';
import { encodeObject } from '../registry/encode-object.js';
import { parseStored } from '../registry/parse-stored.js';
import type { ResourceType } from '../registry/resource-type.js';
import { resourceName } from '../registry/write-scope.js';
import { notAVersion, parseResourceVersion } from '../request/list-options.js';
import { negotiate, type Offer, type OutputFormat } from '../request/negotiation.js';
import { type AnswerContext, answerObject } from './answer.js';
import { freshCache } from './freshness.js';
import { clusterOf, type ResourceRequest } from './resource-request.js';

const CONVERSIONS = ['Table', 'PartialObjectMetadata'] as const;

/** What the endpoints of a type can answer with. */
export function offerOf(type: ResourceType, conversions: Offer['conversions']): Offer {
  const offer = { protobuf: type.codec.protobuf, conversions };
  return type.origin === 'custom' ? { ...offer, routed: false } : offer;
}

/** How one object is to be answered; throws 406. */
export function singleFormat(rr: ResourceRequest): OutputFormat {
  const conversions = rr.subresource?.form === 'projected' ? [] : CONVERSIONS;
  const format = negotiate(rr.request.header('accept'), offerOf(rr.type, conversions));
  return format.pretty || !wantsPretty(rr) ? format : { ...format, pretty: true };
}

/** `pretty` in the query, or a client in whose window people read (upstream's list of User-Agents). */
export function wantsPretty({ info, request }: Pick<ResourceRequest, 'info' | 'request'>): boolean {
  if (info.query.has('pretty')) return info.query.flag('pretty');
  return /^(curl|Wget|Mozilla\/5\.0)/.test(request.header('user-agent') ?? '');
}

export function answerContext(rr: ResourceRequest, format: OutputFormat): AnswerContext {
  const { type, registry, info } = rr;
  return { type, format, includeObject: info.query.get('includeObject'), now: registry.clock.now() };
}

const EXPORT_GONE = 'the export parameter, deprecated since v1.14, is no longer supported';

/** GET of one object or of one of its subresources. */
export async function getEndpoint(rr: ResourceRequest): Promise<ApiResponse> {
  const format = singleFormat(rr);
  if (rr.info.query.flag('export')) throw newBadRequest(EXPORT_GONE);
  const minimum = minimumRevision(rr.info.query.get('resourceVersion'));
  const bytes = rr.type.backing.kind === 'view' ? viewedBytes(rr) : await storedBytes(rr, minimum);
  if (bytes === undefined) throw newNotFound(resourceName(rr.type), rr.target.name);
  return answerObject(answerContext(rr, format), 200, bytes);
}

async function storedBytes(rr: ResourceRequest, minimum: number): Promise<Buffer | undefined> {
  const { type, target, subresource } = rr;
  const cluster = clusterOf(rr);
  const cache = await freshCache(rr.registry, type, minimum, rr.request);
  const cached = cache.get({ cluster, namespace: type.namespaced ? target.namespace : '', name: target.name });
  if (cached === undefined) return undefined;
  const converting = type.codec.remote?.prepare([cached]);
  if (converting !== undefined) await converting;
  if (subresource?.form !== 'projected') return type.codec.view(cached);
  const view = type.codec.view(cached);
  subresource.check?.(parseStored(view));
  const projection = subresource.project(parseStored(view));
  return Buffer.from(encodeObject(projection, String(cached.revision)), 'utf8');
}

function viewedBytes(rr: ResourceRequest): Buffer | undefined {
  if (rr.type.backing.kind !== 'view') return undefined;
  const found = rr.type.backing.source.list(clusterOf(rr)).find(({ metadata }) => metadata.name === rr.target.name);
  return found && Buffer.from(encodeObject(found, String(rr.registry.cache.revision)), 'utf8');
}

function minimumRevision(text: string): number {
  if (text === '' || text === '0') return 0;
  const revision = parseResourceVersion(text);
  if (revision === undefined) throw newUntyped(notAVersion(text));
  return revision;
}
