import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';

/** Sets a member that Go takes for unset: absent, null, or the empty text. */
export function setDefault(object: JsonObject, name: string, value: JsonValue): void {
  const present = object[name];
  if (present === undefined || present === null || present === '') object[name] = value;
}
