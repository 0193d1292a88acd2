import {
  newConflict,
  newNotFound,
  OBJECT_MODIFIED,
  StatusError,
  statusObject,
} from '@kcp/apimachinery/errors/status-error';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { decodeJson } from '../rest/decode.js';
import type { Call } from '../transport/transport.js';
import type { ScriptedAnswer } from './fake-transport.js';

/** Serves one lease with optimistic locking: enough of an API server for elections. */
export class LeaseServer {
  lease: JsonObject | undefined;
  reachable = true;
  #revision = 0;

  answer(call: Call): ScriptedAnswer {
    if (!this.reachable) throw new Error('unreachable');
    try {
      return { status: 200, body: this.#serve(call) };
    } catch (error) {
      if (error instanceof StatusError) return { status: error.code, body: statusObject(error.status) };
      throw error;
    }
  }

  #serve({ method, body }: Call): JsonObject {
    const resource = { group: 'coordination.k8s.io', resource: 'leases' };
    if (method !== 'POST' && this.lease === undefined) throw newNotFound(resource, 'l');
    if (method === 'GET') return this.lease ?? {};
    const sent = decodeJson(body ?? Buffer.alloc(0));
    if (!isObject(sent) || !isObject(sent.metadata)) throw new Error('no lease was sent');
    const version = isObject(this.lease?.metadata) ? this.lease.metadata.resourceVersion : undefined;
    if (sent.metadata.resourceVersion !== version) throw newConflict(resource, 'l', OBJECT_MODIFIED);
    this.#revision++;
    this.lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(this.#revision) } };
    return this.lease;
  }
}
