import { getOwn, type JsonObject } from '@kcp/apimachinery/json/value';
import { readNumber, readStrings } from '@kcp/apimachinery/schema/read';

/** How far clocks may differ, as go-jose's `DefaultLeeway`. */
export const LEEWAY_MS = 60_000;

/** `aud`: one text or a list of them (RFC 7519 §4.1.3). */
export function audiencesOf(claims: JsonObject): readonly string[] {
  const aud = getOwn(claims, 'aud');
  return typeof aud === 'string' ? [aud] : readStrings(claims, 'aud');
}

export type TimeFault = 'expired' | 'notYet' | 'issuedLater';

/** What is wrong with the times of a token now (milliseconds since 1970), with some leeway; undefined when nothing is. */
export function timeFault(claims: JsonObject, now: number): TimeFault | undefined {
  const ms = (name: string): number | undefined => {
    const seconds = readNumber(claims, name);
    return seconds === undefined ? undefined : seconds * 1_000;
  };
  const notBefore = ms('nbf');
  const expiry = ms('exp');
  const issued = ms('iat');
  if (notBefore !== undefined && now + LEEWAY_MS < notBefore) return 'notYet';
  if (expiry !== undefined && now - LEEWAY_MS > expiry) return 'expired';
  if (issued !== undefined && now + LEEWAY_MS < issued) return 'issuedLater';
  return undefined;
}
