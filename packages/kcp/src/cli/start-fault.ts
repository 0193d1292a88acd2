import type { ServerConfig } from '../config/server-config.js';

/** System error codes of binding a port, in words with a way out. */
const PORT_FAULTS: ReadonlyMap<string, (address: string) => string> = new Map([
  ['EADDRINUSE', (address) => `${address} is in use by another program: stop it, or choose another with --listen`],
  ['EACCES', (address) => `may not listen on ${address}: ports below 1024 want privileges; choose one with --listen`],
  ['EADDRNOTAVAIL', (address) => `${address} is no address of this machine: choose another with --listen`],
  ['ENOTFOUND', (address) => `the host of ${address} is not known: choose another with --listen`],
]);

/** Errors whose message is written for the user as it is. */
const WORDED = new Set(['StorageError', 'CertificateFault', 'TokenFileError']);

export interface StartFault {
  /** One line for the user. */
  readonly message: string;
  /** True for an error that nobody foresaw: its stack may help whoever mends it. */
  readonly unexpected: boolean;
}

/** Why a server did not start, for a person. */
export function startFault(error: unknown, config: ServerConfig): StartFault {
  if (!(error instanceof Error)) return { message: `cannot start: ${String(error)}`, unexpected: true };
  if (WORDED.has(error.name)) return { message: firstLine(error.message), unexpected: false };
  return systemFault(error, config) ?? { message: `cannot start: ${firstLine(error.message)}`, unexpected: true };
}

function systemFault(error: Error, { listen }: ServerConfig): StartFault | undefined {
  if (!('code' in error) || typeof error.code !== 'string' || !('syscall' in error)) return undefined;
  const ofPort = error.syscall === 'listen' || error.syscall === 'bind' || error.syscall === 'getaddrinfo';
  const worded = ofPort ? PORT_FAULTS.get(error.code)?.(`${listen.host ?? ''}:${listen.port}`) : undefined;
  return { message: worded ?? `cannot start: ${firstLine(error.message)}`, unexpected: false };
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}
