import { parseJson } from '@kcp/apimachinery/json/parse';
import { stringify } from '@kcp/apimachinery/json/stringify';
import { JsonSyntaxError } from '@kcp/apimachinery/json/syntax-error';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { readObject } from '@kcp/apimachinery/schema/read';
import { EndpointError, type RemoteEndpoint } from './remote-endpoint.js';

/** Sends a question of a review kind and returns the status of the answer. Rejects with EndpointError. */
export async function askReview(endpoint: RemoteEndpoint, question: JsonObject): Promise<JsonObject> {
  const text = await endpoint.post(stringify(question));
  try {
    const { value } = parseJson(text);
    const status = isObject(value) ? readObject(value, 'status') : undefined;
    if (status !== undefined) return status;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
  }
  throw new EndpointError('the answer of the webhook is no review');
}
