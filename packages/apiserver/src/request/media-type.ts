/** One element of an Accept header, or a Content-Type. Type and parameter names are in lower case. */
export interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Weight from 0 to 1. */
  readonly quality: number;
}

/** Parses `type;key=value;…`. Whatever is no parameter is passed over, as upstream does. */
export function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';');
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    const value = part.slice(equals + 1).trim();
    parameters.set(part.slice(0, equals).trim().toLowerCase(), unquote(value));
  }
  const weight = Number(parameters.get('q') ?? '1');
  return { type: type.trim().toLowerCase(), parameters, quality: weight >= 0 && weight <= 1 ? weight : 0 };
}

/** The elements of an Accept header, best first; equal weights keep their order. */
export function parseAccept(header: string): readonly MediaType[] {
  const types = header
    .split(',')
    .map(parseMediaType)
    .filter(({ type }) => type !== '');
  return types.sort((a, b) => b.quality - a.quality);
}

function unquote(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
