/** Dotted IPv4 address. Leading zeros are read as decimal, as upstream does (`ParseIPSloppy`). */
export function isIpv4Address(text: string): boolean {
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => /^\d{1,10}$/.test(octet) && Number(octet) <= 255);
}

/** IPv6 address without a zone; its end may be a dotted IPv4 address. */
export function isIpv6Address(text: string): boolean {
  const halves = text.split('::');
  if (!text.includes(':') || halves.length > 2) return false;
  const [head = 0, tail = 0] = halves.map((half, index) => groups(half, index === halves.length - 1));
  if (Number.isNaN(head + tail)) return false;
  return halves.length === 2 ? head + tail <= 7 : head === 8;
}

/** Number of 16-bit groups in a part between the ends and `::`; NaN when it is malformed. */
function groups(text: string, last: boolean): number {
  if (text === '') return 0;
  const parts = text.split(':');
  const tail = parts.at(-1) ?? '';
  const dotted = last && tail.includes('.');
  if (dotted && !isIpv4Address(tail)) return Number.NaN;
  const hex = dotted ? parts.slice(0, -1) : parts;
  if (!hex.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part))) return Number.NaN;
  return hex.length + (dotted ? 2 : 0);
}
