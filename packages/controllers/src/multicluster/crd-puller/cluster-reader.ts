import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';
import { isObject } from '@kcp/apimachinery/json/value';
import type { Client } from '@kcp/client/rest/client';
import { decodeJson } from '@kcp/client/rest/decode';

const JSON_TYPE = 'application/json';

/** Reads the documents in which a cluster describes itself. */
export interface ClusterReader {
  /** A document; undefined when the cluster has none there. Rejects with StatusError or TransportError. */
  read(path: string, accept?: string): Promise<JsonObject | undefined>;
}

/** A reader over a client of any server, a real cluster or one of ours. */
export function clusterReader(client: Client, signal?: AbortSignal): ClusterReader {
  return {
    async read(path, accept = JSON_TYPE) {
      try {
        return documentOf(decodeJson(await client.read(path, accept, { signal })), path);
      } catch (error) {
        if (hasReason(error, 'NotFound')) return undefined;
        throw error;
      }
    },
  };
}

function documentOf(value: JsonValue, path: string): JsonObject {
  if (isObject(value)) return value;
  throw new GarbledDocument(`what the cluster has at ${path} is no JSON object`);
}

/** A cluster describes itself in a way that nobody can understand. */
export class GarbledDocument extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GarbledDocument';
  }
}
