import { goQuote } from '../../../errors/go-quote.js';
import { type CelLibrary, declare, type FunctionDecl } from '../../check/declarations.js';
import { typeNamed } from '../../types/signature.js';
import { CelError, NO_SUCH_OVERLOAD } from '../../values/cel-error.js';
import { CelOpaque, type CelValue } from '../../values/value.js';
import { type Address, AddressError, formatAddress, isMapped, parseAddress } from './address.js';

/** An IP address. */
export class IpValue extends CelOpaque {
  readonly typeName = 'net.IP';
  readonly address: Address;

  constructor(address: Address) {
    super();
    this.address = address;
  }

  override get size(): number {
    return this.address.bits / 8;
  }

  equals(other: CelValue): boolean {
    return other instanceof IpValue && other.address.value === this.address.value && other.size === this.size;
  }
}

/** Reads an address; the error's text is upstream's. */
export function readIp(text: CelValue): IpValue | CelError {
  if (typeof text !== 'string') return NO_SUCH_OVERLOAD;
  try {
    const address = parseAddress(text);
    if (text.includes('%')) return new CelError(`IP address ${goQuote(text)} with zone value is not allowed`);
    if (isMapped(address)) return new CelError(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`);
    return new IpValue(address);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    return new CelError(`IP Address ${goQuote(text)} parse error during conversion from string: ${error.message}`);
  }
}

/** The first `length` bits of an address as a number. */
function head({ value, bits }: Address, length: number): bigint {
  return value >> BigInt(bits - length);
}

function isLoopback(address: Address): boolean {
  return address.bits === 32 ? head(address, 8) === 127n : address.value === 1n;
}

function isMulticast(address: Address): boolean {
  return address.bits === 32 ? head(address, 4) === 14n : head(address, 8) === 0xffn;
}

function isLinkLocalMulticast(address: Address): boolean {
  return address.bits === 32 ? head(address, 24) === 0xe00000n : (head(address, 16) & 0xff0fn) === 0xff02n;
}

function isLinkLocalUnicast(address: Address): boolean {
  return address.bits === 32 ? head(address, 16) === 0xa9fen : head(address, 10) === 0x3fan;
}

function isGlobalUnicast(address: Address): boolean {
  if (address.value === 0n || (address.bits === 32 && address.value === 0xffffffffn)) return false;
  return !isLoopback(address) && !isMulticast(address) && !isLinkLocalUnicast(address);
}

function test(name: string, id: string, holds: (address: Address) => boolean): FunctionDecl {
  return declare(name, [id, '.net.IP -> bool', (ip) => (ip instanceof IpValue ? holds(ip.address) : NO_SUCH_OVERLOAD)]);
}

/** Kubernetes' functions of IP addresses. */
export const IP_FUNCTIONS: CelLibrary = {
  types: [typeNamed('net.IP')],
  functions: [
    declare('ip', ['string_to_ip', 'string -> net.IP', readIp]),
    declare('isIP', ['is_ip', 'string -> bool', (text) => readIp(text) instanceof IpValue]),
    declare('ip.isCanonical', [
      'ip_is_canonical',
      'string -> bool',
      (text) => {
        const ip = readIp(text);
        return ip instanceof CelError ? ip : formatAddress(ip.address) === text;
      },
    ]),
    declare('family', [
      'ip_family',
      '.net.IP -> int',
      (ip) => (ip instanceof IpValue ? (ip.address.bits === 32 ? 4 : 6) : NO_SUCH_OVERLOAD),
    ]),
    declare('string', [
      'ip_to_string',
      'net.IP -> string',
      (ip) => (ip instanceof IpValue ? formatAddress(ip.address) : NO_SUCH_OVERLOAD),
    ]),
    test('isUnspecified', 'ip_is_unspecified', ({ value }) => value === 0n),
    test('isLoopback', 'ip_is_loopback', isLoopback),
    test('isLinkLocalMulticast', 'ip_is_link_local_multicast', isLinkLocalMulticast),
    test('isLinkLocalUnicast', 'ip_is_link_local_unicast', isLinkLocalUnicast),
    test('isGlobalUnicast', 'ip_is_global_unicast', isGlobalUnicast),
  ],
};
