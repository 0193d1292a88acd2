import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { WebhookCallError } from './call-error.js';

/**
 * Which addresses webhooks may be at. `any` is what upstream does. `public` is for servers whose tenants must not reach
 * the network that the server stands in: loopback, link-local, private and reserved ranges are refused, after the
 * lookup of names, so that no name can hide one.
 */
export type AddressPolicy = 'any' | 'public';

const NOT_PUBLIC = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  NOT_PUBLIC.addSubnet(net, prefix, 'ipv6');
}

export function isPublicAddress(address: string): boolean {
  // IPv4 in IPv6 is matched against the IPv4 ranges by BlockList itself.
  return !NOT_PUBLIC.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Throws WebhookCallError for a host that is an address out of bounds; names are looked at when they are resolved. */
export function checkHost(host: string): void {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0 && !isPublicAddress(address)) throw refused(address);
}

/** The lookup of a connection that may only go to public addresses: all that a name has must be. */
export const publicLookup: LookupFunction = (hostname, options, done) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    const wrong = error === null ? addresses.find(({ address }) => !isPublicAddress(address)) : undefined;
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) done(error ?? refused(hostname), []);
    else if (wrong !== undefined) done(refused(wrong.address), []);
    else answer(options.all === true, addresses, first, done);
  });
};

function answer(
  all: boolean,
  addresses: LookupAddress[],
  first: LookupAddress,
  done: Parameters<LookupFunction>[2],
): void {
  if (all) done(null, addresses);
  else done(null, first.address, first.family);
}

function refused(address: string): WebhookCallError {
  return new WebhookCallError(`dial tcp ${address}: webhooks at private addresses are not allowed on this server`);
}
