/**
 * The smallest string greater than every string that begins with `prefix`. Keys are compared by UTF-16 code units in
 * memory and by UTF-8 bytes on disk; both orders are the same for the characters that names may have.
 */
export function prefixEnd(prefix: string): string {
  const last = prefix.length - 1;
  if (last < 0) return '\uffff';
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
}
