import { randomInt } from 'node:crypto';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';

/** Upstream's ranges: 10.96.0.0/12 and 30000-32767. */
const FIRST_OCTET = 10;
const SECOND_OCTET_FIRST = 96;
const ADDRESSES = 2 ** 20;
const NODE_PORT_FIRST = 30_000;
const NODE_PORTS = 2_768;
/** Addresses that are remembered as given; beyond it, chance alone keeps them apart. */
const GIVEN_MAX = 65_536;
const ATTEMPTS = 64;

/** Gives services addresses and node ports that no other has got from it. */
export class ServiceAddresses {
  readonly #given = new Set<number>();

  /** Fills what a spec leaves to the cluster in place. */
  assign(spec: JsonObject): void {
    if (readString(spec, 'type') === 'ExternalName') return;
    if (readString(spec, 'clusterIP') === '') spec.clusterIP = readStrings(spec, 'clusterIPs')[0] ?? this.#address();
    if (readStrings(spec, 'clusterIPs').length === 0) spec.clusterIPs = [readString(spec, 'clusterIP')];
    spec.ipFamilies ??= ['IPv4'];
    spec.ipFamilyPolicy ??= 'SingleStack';
    const type = readString(spec, 'type');
    const balanced = type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false;
    if (type !== 'NodePort' && !balanced) return;
    for (const port of readObjects(spec, 'ports'))
      port.nodePort ??= NODE_PORT_FIRST + this.#pick(NODE_PORTS, -NODE_PORTS);
  }

  #address(): string {
    const index = this.#pick(ADDRESSES - 2, 1);
    const second = SECOND_OCTET_FIRST + (index >> 16);
    return `${FIRST_OCTET}.${second}.${(index >> 8) & 255}.${index & 255}`;
  }

  /** A number below `count` that has not been given, shifted by `offset`; ports are remembered below zero. */
  #pick(count: number, offset: number): number {
    for (let attempt = 0; ; attempt++) {
      const picked = randomInt(count);
      const remembered = picked + offset;
      if (this.#given.has(remembered) && attempt < ATTEMPTS) continue;
      if (this.#given.size < GIVEN_MAX) this.#given.add(remembered);
      return offset < 0 ? picked : remembered;
    }
  }
}
