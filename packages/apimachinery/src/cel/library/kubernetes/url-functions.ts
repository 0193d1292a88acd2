import { type CelLibrary, declare, type FunctionDecl } from '../../check/declarations.js';
import { CelError, NO_SUCH_OVERLOAD } from '../../values/cel-error.js';
import { ArrayList, CelOpaque, type CelValue } from '../../values/value.js';
import { MapBuilder } from '../../values/value-map.js';
import { type GoUrl, GoUrlError, hostname, parseRequestUri, port, queryValues } from './go-url.js';

class UrlValue extends CelOpaque {
  readonly typeName = 'kubernetes.URL';
  readonly url: GoUrl;

  constructor(url: GoUrl) {
    super();
    this.url = url;
  }

  equals(other: CelValue): boolean {
    return other instanceof UrlValue && this.url.text === other.url.text;
  }
}

function parse(text: CelValue): GoUrl | CelError {
  if (typeof text !== 'string') return NO_SUCH_OVERLOAD;
  try {
    return parseRequestUri(text);
  } catch (error) {
    if (!(error instanceof GoUrlError)) throw error;
    return new CelError(`URL parse error during conversion from string: ${error.message}`);
  }
}

function accessor(name: string, id: string, result: string, read: (url: GoUrl) => CelValue): FunctionDecl {
  return declare(name, [
    id,
    `.kubernetes.URL -> ${result}`,
    (value) => (value instanceof UrlValue ? read(value.url) : NO_SUCH_OVERLOAD),
  ]);
}

function queryMap(url: GoUrl): CelValue {
  const map = new MapBuilder();
  for (const [key, values] of queryValues(url)) map.set(key, new ArrayList(values));
  return map.build();
}

/** Kubernetes' functions of URLs. */
export const URL_FUNCTIONS: CelLibrary = {
  functions: [
    declare('url', [
      'string_to_url',
      'string -> kubernetes.URL',
      (text) => {
        const url = parse(text);
        return url instanceof CelError ? url : new UrlValue(url);
      },
    ]),
    declare('isURL', ['is_url_string', 'string -> bool', (text) => !(parse(text) instanceof CelError)]),
    accessor('getScheme', 'url_get_scheme', 'string', (url) => url.scheme),
    accessor('getHost', 'url_get_host', 'string', (url) => url.host),
    accessor('getHostname', 'url_get_hostname', 'string', hostname),
    accessor('getPort', 'url_get_port', 'string', port),
    accessor('getEscapedPath', 'url_get_escaped_path', 'string', (url) => url.escapedPath),
    accessor('getQuery', 'url_get_query', 'map(string, list(string))', queryMap),
  ],
};
