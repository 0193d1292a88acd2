/** Path of a member: `spec` + `names` → `spec.names`; the root is the empty string. */
export function childPath(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

/** Path of a list element: `spec.versions[0]`. */
export function indexPath(parent: string, index: number): string {
  return `${parent}[${index}]`;
}

/** Path of a map entry, whose key is data and no field name: `properties[spec]`. */
export function keyPath(parent: string, key: string): string {
  return `${parent}[${key}]`;
}
