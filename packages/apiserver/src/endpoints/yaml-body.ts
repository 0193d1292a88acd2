import type { ParsedJson } from '@kcp/apimachinery/json/syntax-error';

/** Parses a YAML body; the parser is loaded with the first one. `refuse` words the 400 for a text that is none. */
export async function parseYamlBody(text: string, refuse: (why: string) => Error): Promise<ParsedJson> {
  const { parseYaml, YamlError } = await import('@kcp/apimachinery/codec/yaml');
  try {
    return parseYaml(text);
  } catch (error) {
    if (error instanceof YamlError) throw refuse(error.message);
    throw error;
  }
}
