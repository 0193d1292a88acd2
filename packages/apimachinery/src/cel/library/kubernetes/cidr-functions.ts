import { goQuote } from '../../../errors/go-quote.js';
import { type CelLibrary, declare } from '../../check/declarations.js';
import { typeNamed } from '../../types/signature.js';
import { CelError, NO_SUCH_OVERLOAD } from '../../values/cel-error.js';
import { CelOpaque, type CelValue } from '../../values/value.js';
import { type Address, AddressError, formatAddress, isMapped, maskAddress, parseAddress } from './address.js';
import { IpValue, readIp } from './ip-functions.js';

/** A range of addresses: an address and the number of its bits that count. */
class CidrValue extends CelOpaque {
  readonly typeName = 'net.CIDR';
  readonly address: Address;
  readonly length: number;

  constructor(address: Address, length: number) {
    super();
    this.address = address;
    this.length = length;
  }

  override get size(): number {
    return Math.ceil(this.length / 8);
  }

  equals(other: CelValue): boolean {
    if (!(other instanceof CidrValue) || other.length !== this.length) return false;
    return other.address.bits === this.address.bits && other.address.value === this.address.value;
  }

  contains(address: Address): boolean {
    const { bits } = this.address;
    return (
      bits === address.bits && maskAddress(this.address, this.length).value === maskAddress(address, this.length).value
    );
  }
}

const FAILURE = 'network address parse error during conversion from string: ';

function readCidr(text: CelValue): CidrValue | CelError {
  if (typeof text !== 'string') return NO_SUCH_OVERLOAD;
  const fault = (message: string): CelError =>
    new CelError(`${FAILURE}${FAILURE}netip.ParsePrefix(${goQuote(text)}): ${message}`);
  const slash = text.lastIndexOf('/');
  if (slash < 0) return fault("no '/'");
  try {
    const address = parseAddress(text.slice(0, slash));
    if (text.slice(0, slash).includes('%')) return fault('IPv6 zones cannot be present in a prefix');
    const digits = text.slice(slash + 1);
    if (!/^(0|[1-9]\d*)$/.test(digits)) return fault(`bad bits after slash: ${goQuote(digits)}`);
    const length = Number(digits);
    if (length > address.bits) return fault('prefix length out of range');
    if (isMapped(address)) return new CelError(`${FAILURE}IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`);
    return new CidrValue(address, length);
  } catch (error) {
    if (error instanceof AddressError) return fault(error.message);
    throw error;
  }
}

function containsIp(cidr: CelValue, ip: CelValue): CelValue {
  if (ip instanceof CelError) return ip;
  return cidr instanceof CidrValue && ip instanceof IpValue ? cidr.contains(ip.address) : NO_SUCH_OVERLOAD;
}

function containsCidr(cidr: CelValue, other: CelValue): CelValue {
  if (other instanceof CelError) return other;
  if (!(cidr instanceof CidrValue) || !(other instanceof CidrValue)) return NO_SUCH_OVERLOAD;
  return cidr.length <= other.length && cidr.contains(other.address);
}

/** Kubernetes' functions of address ranges. */
export const CIDR_FUNCTIONS: CelLibrary = {
  types: [typeNamed('net.CIDR')],
  functions: [
    declare('cidr', ['string_to_cidr', 'string -> net.CIDR', readCidr]),
    declare('isCIDR', ['is_cidr', 'string -> bool', (text) => readCidr(text) instanceof CidrValue]),
    declare(
      'containsIP',
      ['cidr_contains_ip_string', '.net.CIDR, string -> bool', (cidr, text) => containsIp(cidr, readIp(text))],
      ['cidr_contains_ip_ip', '.net.CIDR, net.IP -> bool', containsIp],
    ),
    declare(
      'containsCIDR',
      ['cidr_contains_cidr_string', '.net.CIDR, string -> bool', (cidr, text) => containsCidr(cidr, readCidr(text))],
      ['cidr_contains_cidr', '.net.CIDR, net.CIDR -> bool', containsCidr],
    ),
    declare('ip', [
      'cidr_ip',
      '.net.CIDR -> net.IP',
      (cidr) => (cidr instanceof CidrValue ? new IpValue(cidr.address) : NO_SUCH_OVERLOAD),
    ]),
    declare('prefixLength', [
      'cidr_prefix_length',
      '.net.CIDR -> int',
      (cidr) => (cidr instanceof CidrValue ? cidr.length : NO_SUCH_OVERLOAD),
    ]),
    declare('masked', [
      'cidr_masked',
      '.net.CIDR -> net.CIDR',
      (cidr) =>
        cidr instanceof CidrValue
          ? new CidrValue(maskAddress(cidr.address, cidr.length), cidr.length)
          : NO_SUCH_OVERLOAD,
    ]),
    declare('string', [
      'cidr_to_string',
      'net.CIDR -> string',
      (cidr) => (cidr instanceof CidrValue ? `${formatAddress(cidr.address)}/${cidr.length}` : NO_SUCH_OVERLOAD),
    ]),
  ],
};
