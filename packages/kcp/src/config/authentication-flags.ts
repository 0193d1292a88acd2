import { parseDuration } from './flag-values.js';
import { invalidValue } from './read-flags.js';
import type { AuthenticationConfig, RequestHeaderFlags, ServiceAccountConfig } from './server-config.js';

type Values = ReadonlyMap<string, string>;

const ENTRIES_MAX = 100;
const SECOND_MS = 1_000;

/** What the flags say of who may come in. Throws UsageFault. */
export function authenticationConfig(values: Values): AuthenticationConfig {
  return {
    anonymous: values.get('anonymous-auth') !== 'false',
    tokenFile: filePath(values, 'token-auth-file'),
    clientCaFile: filePath(values, 'client-ca-file'),
    serviceAccounts: serviceAccounts(values),
    ...given({ requestHeader: requestHeader(values) }),
  };
}

function requestHeader(values: Values): RequestHeaderFlags | undefined {
  const caFile = filePath(values, 'requestheader-client-ca-file');
  if (caFile === undefined) return undefined;
  return {
    caFile,
    allowedNames: textList(values, 'requestheader-allowed-names') ?? [],
    usernameHeaders: textList(values, 'requestheader-username-headers') ?? ['x-remote-user'],
    uidHeaders: textList(values, 'requestheader-uid-headers') ?? ['x-remote-uid'],
    groupHeaders: textList(values, 'requestheader-group-headers') ?? ['x-remote-group'],
    extraHeaderPrefixes: textList(values, 'requestheader-extra-headers-prefix') ?? ['x-remote-extra-'],
  };
}

function serviceAccounts(values: Values): ServiceAccountConfig {
  const seconds = values.get('service-account-max-token-expiration');
  return given({
    signingKeyFile: filePath(values, 'service-account-signing-key-file'),
    keyFiles: textList(values, 'service-account-key-file'),
    issuers: textList(values, 'service-account-issuer'),
    audiences: textList(values, 'api-audiences'),
    jwksUri: filePath(values, 'service-account-jwks-uri'),
    tokenSecondsMax:
      seconds === undefined ? undefined : parseDuration('service-account-max-token-expiration', seconds) / SECOND_MS,
  });
}

/** A value that must not be empty. */
export function filePath(values: Values, name: string): string | undefined {
  const value = values.get(name);
  if (value === '') throw invalidValue(name, value, 'must not be empty');
  return value;
}

/** Entries between commas. */
export function textList(values: Values, name: string): readonly string[] | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.includes('') || entries.length > ENTRIES_MAX) {
    throw invalidValue(name, text, `must be 1 to ${ENTRIES_MAX} entries separated by commas`);
  }
  return entries;
}

/** The members that are there. */
export function given<T extends object>(members: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}
