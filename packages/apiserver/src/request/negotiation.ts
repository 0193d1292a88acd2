import { newNotAcceptable, StatusError } from '@kcp/apimachinery/errors/status-error';
import { ACCEPT_CACHE_ENTRIES_MAX } from '../limits.js';
import { type MediaType, parseAccept } from './media-type.js';

export type Encoding = 'json' | 'yaml' | 'protobuf';

/** How an answer is to look. */
export interface OutputFormat {
  readonly encoding: Encoding;
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** The apiVersion of a conversion: `meta.k8s.io/v1` or `v1beta1`; empty for `object`. */
  readonly asVersion: string;
  /** `pretty=1` among the Accept parameters. */
  readonly pretty: boolean;
}

/** What an endpoint can answer with. */
export interface Offer {
  /** Protobuf exists for the type. */
  readonly protobuf: boolean;
  /** Conversions that make sense here. */
  readonly conversions: readonly OutputFormat['as'][];
  /** A watch: frames of objects, which YAML does not have. */
  readonly streams?: true;
  /** Nothing but the negotiator refuses (custom types); it lists protobuf, too, as conversions have that. */
  readonly routed?: false;
}

export const MEDIA_TYPES: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};

const META_GROUP = 'meta.k8s.io';
const CONVERSION_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  Table: ['v1', 'v1beta1'],
  PartialObjectMetadata: ['v1', 'v1beta1'],
  PartialObjectMetadataList: ['v1', 'v1beta1'],
};

const parsedHeaders = new Map<string, readonly MediaType[]>();

/** The media types of the encodings an endpoint has, as error texts list them. */
export function mediaTypesOf(offer: Pick<Offer, 'protobuf'>): readonly string[] {
  return offer.protobuf ? Object.values(MEDIA_TYPES) : [MEDIA_TYPES.json, MEDIA_TYPES.yaml];
}

/**
 * Chooses the first acceptable form. Throws StatusError 406: in the words of the router when no encoding at all would
 * do, else in those of the negotiator.
 */
export function negotiate(accept: string | undefined, offer: Offer): OutputFormat {
  const wanted = acceptedTypes(accept);
  if (wanted.length === 0) return { encoding: 'json', as: 'object', asVersion: '', pretty: false };
  if (offer.routed !== false && !wanted.some(({ type }) => isRouted(type, offer))) {
    throw notRepresentable(mediaTypesOf(offer));
  }
  for (const type of wanted) {
    const encoding = encodingOf(type.type, offer);
    const format = encoding && formatOf(encoding, type, offer);
    if (format) return format;
  }
  throw newNotAcceptable(offer.routed === false ? Object.values(MEDIA_TYPES) : mediaTypesOf(offer));
}

/** The router knows no other wildcard than the widest. */
function isRouted(type: string, offer: Offer): boolean {
  return type === '*/*' || mediaTypesOf(offer).includes(type);
}

function acceptedTypes(accept: string | undefined): readonly MediaType[] {
  if (accept === undefined || accept === '') return [];
  let types = parsedHeaders.get(accept);
  if (types === undefined) {
    types = parseAccept(accept);
    if (parsedHeaders.size >= ACCEPT_CACHE_ENTRIES_MAX) parsedHeaders.clear();
    parsedHeaders.set(accept, types);
  }
  return types;
}

function encodingOf(type: string, offer: Offer): Encoding | undefined {
  if (type === '*/*' || type === 'application/*' || type === MEDIA_TYPES.json) return 'json';
  if (type === MEDIA_TYPES.yaml) return 'yaml';
  return type === MEDIA_TYPES.protobuf && offer.protobuf ? 'protobuf' : undefined;
}

function formatOf(encoding: Encoding, { parameters }: MediaType, offer: Offer): OutputFormat | undefined {
  const stream = parameters.get('stream');
  if (stream !== undefined && stream !== 'watch') return undefined;
  if ((stream !== undefined || offer.streams) && encoding === 'yaml') return undefined;
  const pretty = parameters.get('pretty') === '1' || parameters.get('pretty') === 'true';
  const as = parameters.get('as');
  if (as === undefined) return { encoding, as: 'object', asVersion: '', pretty };
  const version = parameters.get('v') ?? '';
  if (parameters.get('g') !== META_GROUP || !CONVERSION_VERSIONS[as]?.includes(version)) return undefined;
  const conversion = offer.conversions.find((offered) => offered === as);
  if (conversion === undefined || (encoding === 'protobuf' && as === 'Table')) return undefined;
  return { encoding, as: conversion, asVersion: `${META_GROUP}/${version}`, pretty };
}

function notRepresentable(mediaTypes: readonly string[]): StatusError {
  const text = `406: Not Acceptable\n\nAvailable representations: ${mediaTypes.join(', ')}`;
  return new StatusError(406, 'NotAcceptable', text, {});
}
