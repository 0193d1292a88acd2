import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { JsonSyntaxError } from '@kcp/apimachinery/json/syntax-error';
import { isObject } from '@kcp/apimachinery/json/value';
import { readString } from '@kcp/apimachinery/schema/read';
import { WEBHOOK_ERROR_TEXT_BYTES_MAX } from '../limits.js';

const BY_CODE: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};
/** Codes for which the answer's own text is what is said. */
const OWN_TEXT: ReadonlySet<number> = new Set([403, 406, 415]);
const STATUS_BYTES_MAX = 64 * 1024;
const NOT_ACCEPTABLE = 'the server was unable to respond with a content type that the client supports';

/** What upstream's client says of an answer that is no success: a Status in the body, else a text for the code. */
export function failureText(code: number, contentType: string, body: Buffer): string {
  const own = statusMessage(body);
  if (own !== undefined) return own;
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  const text = contentType.startsWith('text/') ? excerpt(body) : 'unknown';
  if (OWN_TEXT.has(code)) return text === '' && code === 406 ? NOT_ACCEPTABLE : text;
  if (code >= 500) return `an error on the server (${goQuote(text)}) has prevented the request from succeeding`;
  return `the server responded with the status code ${code} but did not return more information`;
}

function excerpt(body: Buffer): string {
  return body.subarray(0, WEBHOOK_ERROR_TEXT_BYTES_MAX).toString('utf8').trim();
}

/** A Status is short; anything longer is not looked into. */
function statusMessage(body: Buffer): string | undefined {
  if (body[0] !== 0x7b || body.length > STATUS_BYTES_MAX) return undefined;
  try {
    const { value } = parseJson(body.toString('utf8'));
    if (!isObject(value) || value.kind !== 'Status' || value.status !== 'Failure') return undefined;
    return readString(value, 'message');
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}
