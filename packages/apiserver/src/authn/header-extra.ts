/**
 * The extra attributes of a user as headers carry them: the rest of the name after the prefix is the key, in lower case
 * and percent-encoded. A key that is badly encoded is taken as it is, as upstream does.
 */
export function extraFromHeaders(
  headers: ReadonlyMap<string, readonly string[]>,
  prefixes: readonly string[],
): Record<string, readonly string[]> {
  const extra = new Map<string, readonly string[]>();
  for (const prefix of prefixes) {
    for (const [name, values] of headers) {
      if (!name.startsWith(prefix)) continue;
      const key = decodedKey(name.slice(prefix.length).toLowerCase());
      extra.set(key, [...(extra.get(key) ?? []), ...values]);
    }
  }
  return Object.fromEntries(extra);
}

function decodedKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch (error) {
    if (error instanceof URIError) return key;
    throw error;
  }
}
