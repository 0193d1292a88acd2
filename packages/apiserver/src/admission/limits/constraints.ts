import { compareQuantities, parseQuantity, type Quantity } from '@kcp/apimachinery/quantity/quantity';

/** Amounts by resource (`cpu`, `memory`), as quantities. */
export type ResourceList = Readonly<Record<string, string>>;

/** What one container, pod or claim asks for. */
export interface Demand {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

const ZERO = parseQuantity('0');

/** Why a demand is below the least of a resource; undefined: it is not. Texts are upstream's. */
export function belowMinimum(
  type: string,
  name: string,
  least: string,
  { requests, limits }: Demand,
): string | undefined {
  const rule = `minimum ${name} usage per ${type} is ${least}`;
  const [request, limit] = [requests[name], limits[name]];
  if (request === undefined) return `${rule}.  No request is specified`;
  if (isLess(request, least)) return `${rule}, but request is ${request}`;
  return limit !== undefined && isLess(limit, least) ? `${rule}, but limit is ${limit}` : undefined;
}

export function aboveMaximum(
  type: string,
  name: string,
  most: string,
  { requests, limits }: Demand,
): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${most}`;
  const [request, limit] = [requests[name], limits[name]];
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (isLess(most, limit)) return `${rule}, but limit is ${limit}`;
  return request !== undefined && isLess(most, request) ? `${rule}, but request is ${request}` : undefined;
}

/** The same for what has requests alone. */
export function requestAboveMaximum(
  type: string,
  name: string,
  most: string,
  { requests }: Demand,
): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${most}`;
  const request = requests[name];
  if (request === undefined) return `${rule}.  No request is specified`;
  return isLess(most, request) ? `${rule}, but request is ${request}` : undefined;
}

export function aboveRatio(type: string, name: string, most: string, { requests, limits }: Demand): string | undefined {
  const rule = `${name} max limit to request ratio per ${type} is ${most}`;
  const [request, limit] = [doubleOf(requests[name]), doubleOf(limits[name])];
  if (request === 0) return `${rule}, but no request is specified or request is 0`;
  if (limit === 0) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = limit / request;
  return ratio > doubleOf(most) ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}

function isLess(one: string, other: string): boolean {
  return compareQuantities(parseQuantity(one), parseQuantity(other)) < 0;
}

/** As a double: ratios are compared no more exactly upstream. */
function doubleOf(text: string | undefined): number {
  const { unscaled, exponent }: Quantity = text === undefined ? ZERO : parseQuantity(text);
  return Number(unscaled) * 10 ** exponent;
}
