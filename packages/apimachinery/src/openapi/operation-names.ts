/** Upper-cases the first letter. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The group in an operation's name: `Core`, `Coordination`, `RbacAuthorization`, `ExampleCom`. */
export function groupName(group: string): string {
  if (group === '') return 'Core';
  return group
    .replace(/\.k8s\.io$/, '')
    .split(/[.-]/)
    .map(capitalise)
    .join('');
}

/** `core_v1`, `rbacAuthorization_v1`. */
export function tagOf(group: string, version?: string): string {
  const name = groupName(group);
  const lower = name.charAt(0).toLowerCase() + name.slice(1);
  return version === undefined ? lower : `${lower}_${version}`;
}

/** The name that a custom kind has in the documents: `com.example.v1.Widget`. */
export function customSchemaName(group: string, version: string, kind: string): string {
  const reversed = group === '' ? 'core' : group.split('.').reverse().join('.');
  return `${reversed}.${version}.${kind}`;
}
