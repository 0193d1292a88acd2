import { parsingPlain } from '@kcp/apimachinery/json/parse';
import type { ParsedJson } from '@kcp/apimachinery/json/syntax-error';
import { LARGE_TEXT_BYTES_MIN, onText } from '@kcp/apimachinery/turns/turn';

/** What YAML reads otherwise than JSON does: merge keys, tabs, and characters that may not stand in it. */
const ONLY_IN_YAML = /"<<"|[\t\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]/;

/**
 * Parses a YAML body, most of which are JSON; the parser is loaded with the first that is not, and reads long texts in a
 * thread of its own. `refuse` words the 400 for a text that is none.
 */
export async function parseYamlBody(text: string, refuse: (why: string) => Error): Promise<ParsedJson> {
  const value = text.startsWith('{') && !ONLY_IN_YAML.test(text) ? await onText(text, parsingPlain) : undefined;
  if (value !== undefined) return { value, duplicates: [] };
  const { parseYaml, YamlError } = await import('@kcp/apimachinery/codec/yaml');
  try {
    if (text.length < LARGE_TEXT_BYTES_MIN) return parseYaml(text);
    const { parseYamlAside } = await import('./yaml-thread.js');
    return await parseYamlAside(text);
  } catch (error) {
    if (error instanceof YamlError) throw refuse(error.message);
    throw error;
  }
}
