import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/** What clients may call the server. */
export interface ServerNames {
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
}

const DNS_NAMES = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];
const LOOPBACK_ADDRESSES = ['127.0.0.1', '::1'];
const DNS_NAME = /^(?:\*\.)?[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/i;

/**
 * The names that every serving certificate holds, those of this machine, and `more` (host names or addresses that the
 * user gave). A link-local address is no name: it means nothing without its interface.
 */
export function serverNames(more: readonly string[]): ServerNames {
  const wanted = [...DNS_NAMES, ...LOOPBACK_ADDRESSES, hostname().toLowerCase(), ...hostAddresses(), ...more];
  const distinct = [...new Set(wanted)];
  return {
    dnsNames: distinct.filter((name) => isIP(name) === 0 && DNS_NAME.test(name)),
    addresses: distinct.filter((name) => isIP(name) !== 0 && name !== '0.0.0.0' && name !== '::'),
  };
}

function hostAddresses(): readonly string[] {
  const found: string[] = [];
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, internal } of addresses === undefined ? [] : addresses) {
      if (!internal && !address.includes('%') && !address.startsWith('fe80:')) found.push(address);
    }
  }
  return found;
}
