import type { CelType } from '../types/cel-type.js';
import { CelMap, type CelValue } from './value.js';

/** An object that an expression made: `Object.spec{replicas: 1}`. */
export class StructValue extends CelMap {
  readonly type: CelType;
  readonly fields: ReadonlyMap<string, CelValue>;

  constructor(type: CelType, fields: ReadonlyMap<string, CelValue>) {
    super();
    this.type = type;
    this.fields = fields;
  }

  override get typeName(): string {
    return this.type.name;
  }

  get size(): number {
    return this.fields.size;
  }

  get(key: CelValue): CelValue | undefined {
    return typeof key === 'string' ? this.fields.get(key) : undefined;
  }

  keys(): readonly CelValue[] {
    return [...this.fields.keys()];
  }

  override equalTo(other: CelMap): boolean | undefined {
    return other instanceof StructValue && other.type.name === this.type.name ? undefined : false;
  }
}
